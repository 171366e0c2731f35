import { attachAuthorizationSignature } from '@countersign/chains/stellar/attach';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Address, Keypair, xdr } from '@stellar/stellar-sdk/base';
import { eventsOf } from '../harness/audit.ts';
import { refusalOf } from '../harness/refusals.ts';
import { evmRequest, stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { sorobanData } from '../harness/soroban-data.ts';
import { authorizationRequest, invocationRequest } from '../harness/soroban-requests.ts';

let world: SignerWorld;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  world = await openSignerWorld({ channels: 3 });
  [one, two] = await Promise.all([world.start({ name: 'signer-1' }), world.start({ name: 'signer-2' })]);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

type Request = Parameters<Replica['client']['signTransaction']>[0];
const sign = async (request: Request, replica = one) => refusalOf(replica.client.signTransaction(request));
const channel = (i: number) => world.keys.channels[i]?.publicKey() ?? '';

/** The signed authorization entry of a payout. */
async function authorize(id: string): Promise<Uint8Array> {
  const { signedTransaction } = await one.client.signTransaction(authorizationRequest(world, { id }));
  return signedTransaction;
}

describe('the authorization of a token transfer', () => {
  test('is signed by the treasury’s key, over exactly the entry that was asked for', async () => {
    const request = authorizationRequest(world, { id: 'po_1' });
    const answer = await one.client.signTransaction(request);
    const entry = xdr.SorobanAuthorizationEntry.fromXdr(answer.signedTransaction);
    if (entry.credentials.type !== 'sorobanCredentialsAddress') throw new Error('expected address credentials');
    expect(Address.fromScAddress(entry.credentials.address.address).toString()).toBe(world.keys.stellar.address);
    expect(answer.signature).toHaveLength(64);
    const key = Keypair.fromPublicKey(world.keys.stellar.address);
    expect(key.verify(answer.transactionHash, answer.signature)).toBe(true);
  });

  test('is answered from the record when it is asked for again, here or elsewhere', async () => {
    const request = authorizationRequest(world, { id: 'po_2' });
    const first = await one.client.signTransaction(request);
    const again = await two.client.signTransaction(request);
    expect([first.replayed, again.replayed]).toEqual([false, true]);
    expect(again.signedTransaction).toEqual(first.signedTransaction);
  });

  test('is never signed with other content for the same payout, whatever differs', async () => {
    expect(await sign(authorizationRequest(world, { id: 'po_3' }))).toBe('signed');
    const later = authorizationRequest(world, { id: 'po_3' }, { expirationLedger: 501 });
    expect(await sign(later, two)).toBe('PAYOUT_BOUND OTHER_AUTHORIZATION');
    const [account = ''] = world.recipients.stellar;
    expect(await sign(authorizationRequest(world, { id: 'po_3', destination: account }))).toBe(
      'PAYOUT_BOUND OTHER_AUTHORIZATION',
    );
    expect(await sign(authorizationRequest(world, { id: 'po_3', amount: 41n }), two)).toBe(
      'PAYOUT_BOUND OTHER_AUTHORIZATION',
    );
  });

  test('has the nonce that follows from its payout id', async () => {
    const nonce = authorizationNonce('po_5');
    expect(await sign(authorizationRequest(world, { id: 'po_4' }, { nonce }))).toBe(
      'TRANSACTION_MISMATCH NONCE_NOT_DERIVED',
    );
  });

  test('is for one payout, of the asset whose contract it calls', async () => {
    const request = authorizationRequest(world, { id: 'po_6' });
    const other = authorizationRequest(world, { id: 'po_7' });
    expect(await sign({ ...request, payouts: [...request.payouts, ...other.payouts] })).toBe(
      'TRANSACTION_MISMATCH NOT_ONE_PAYOUT',
    );
    const payouts = request.payouts.map((payout) => ({ ...payout, asset: 'stellar:standalone/slip44:148' }));
    expect(await sign({ ...request, payouts })).toBe('TRANSACTION_MISMATCH CONTRACT_NOT_OF_ASSET');
    const elsewhere = request.payouts.map((payout) => ({ ...payout, asset: 'stellar:testnet/slip44:148' }));
    expect(await sign({ ...request, payouts: elsewhere })).toBe('TRANSACTION_MISMATCH CONTRACT_NOT_OF_ASSET');
  });

  test('lives no longer than the policy’s clock allows', async () => {
    expect(await sign(authorizationRequest(world, { id: 'po_8' }, { expirationLedger: 100_000 }))).toBe(
      'POLICY_DENIED AUTHORIZATION_LIFETIME_ABOVE_LIMIT',
    );
  });

  test('and a payment on a channel exclude each other for one payout', async () => {
    expect(await sign(stellarRequest(world, [{ id: 'po_9' }]))).toBe('signed');
    expect(await sign(authorizationRequest(world, { id: 'po_9' }), two)).toBe('PAYOUT_BOUND OTHER_LANE');
    expect(await sign(authorizationRequest(world, { id: 'po_10' }))).toBe('signed');
    expect(await sign(stellarRequest(world, [{ id: 'po_10' }], { sequence: 2n }), two)).toBe('PAYOUT_BOUND OTHER_LANE');
    expect(await sign(evmRequest(world, { id: 'po_10' }), two)).toBe('PAYOUT_BOUND OTHER_LANE');
  });

  test('asked for in many versions at once is signed in one', async () => {
    const asked = Array.from({ length: 24 }, (_, i) =>
      sign(authorizationRequest(world, { id: 'po_race' }, { expirationLedger: 400 + i }), i % 2 ? one : two),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'signed')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'PAYOUT_BOUND OTHER_AUTHORIZATION')).toHaveLength(23);
  });
});

describe('an envelope around an authorization', () => {
  test('is signed as often as it is needed: on any channel, any number', async () => {
    const entry = await authorize('po_20');
    for (const [i, sequence] of [1n, 2n, 1024n, 1025n].entries()) {
      const change = { channel: channel(i % 3), sequence, fee: 4_500_000n + BigInt(i) };
      expect(await sign(invocationRequest(world, { id: 'po_20' }, entry, change), i % 2 ? one : two)).toBe('signed');
    }
  });

  test('is not signed around an entry that this key has not signed', async () => {
    const unsigned = authorizationRequest(world, { id: 'po_21' });
    if (unsigned.transaction.case !== 'stellarAuthorization') throw new Error('expected an authorization');
    const { entryXdr } = unsigned.transaction.value;
    const forged = attachAuthorizationSignature(entryXdr, world.keys.stellar.publicKey, new Uint8Array(64));
    expect(await sign(invocationRequest(world, { id: 'po_21' }, forged))).toBe(
      'TRANSACTION_MISMATCH AUTHORIZATION_NOT_OURS',
    );
    const stranger = Keypair.random();
    const foreign = attachAuthorizationSignature(entryXdr, stranger.rawPublicKey(), new Uint8Array(64));
    expect(await sign(invocationRequest(world, { id: 'po_21' }, foreign))).toBe(
      'TRANSACTION_MISMATCH AUTHORIZATION_NOT_OURS',
    );
  });

  test('is not signed around the entry of another payout', async () => {
    const entry = await authorize('po_22');
    expect(await sign(invocationRequest(world, { id: 'po_23' }, entry))).toBe('TRANSACTION_MISMATCH NONCE_NOT_DERIVED');
  });

  test('touches nothing on the ledger beyond what the transfer needs', async () => {
    const entry = await authorize('po_24');
    const admin = Address.fromString(world.keys.admin.publicKey()).toScAddress();
    if (admin.type !== 'scAddressTypeAccount') throw new Error('expected an account');
    const stranger = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: admin.accountId }));
    const wide = sorobanData(world, { id: 'po_24' }, { more: [stranger] });
    expect(await sign(invocationRequest(world, { id: 'po_24' }, entry, { sorobanData: wide }))).toBe(
      'POLICY_DENIED FOOTPRINT_NOT_ALLOWED',
    );
  });

  test('pays no more for resources, nor for inclusion, than the policy allows', async () => {
    const entry = await authorize('po_25');
    expect(await sign(invocationRequest(world, { id: 'po_25' }, entry, { fee: 25_000_000n }))).toBe(
      'POLICY_DENIED FEE_ABOVE_LIMIT',
    );
    expect(
      await sign(invocationRequest(world, { id: 'po_25' }, entry, { channel: Keypair.random().publicKey() })),
    ).toBe('POLICY_DENIED CHANNEL_NOT_ALLOWED');
  });

  test('has its end: one authorization gets 32 envelopes, then no more', async () => {
    const entry = await authorize('po_27');
    const maxTime = BigInt(Math.floor(Date.now() / 1000) + 120);
    const ask = (i: number) =>
      sign(invocationRequest(world, { id: 'po_27' }, entry, { maxTime, sequence: 1n + BigInt(i) }), i % 2 ? one : two);
    const first = await Promise.all(Array.from({ length: 40 }, (_, i) => ask(i)));
    expect(first.filter((answer) => answer === 'signed')).toHaveLength(32);
    expect(first.filter((answer) => answer === 'LANE_EXHAUSTED LANE_EXHAUSTED')).toHaveLength(8);
    expect(await ask(41)).toBe('LANE_EXHAUSTED LANE_EXHAUSTED');
    const signed = first.indexOf('signed');
    expect(await ask(signed)).toBe('signed'); // answered from the record
  });

  test('leaves events with the lane and the contract, as its authorization does', async () => {
    const authorization = authorizationRequest(world, { id: 'po_26' });
    const { signedTransaction } = await one.client.signTransaction(authorization);
    const invocation = invocationRequest(world, { id: 'po_26' }, signedTransaction);
    await two.client.signTransaction(invocation);
    for (const { requestId } of [authorization, invocation]) {
      const events = await eventsOf(world, requestId);
      expect(events.map(({ event }) => event)).toEqual(
        ['ReserveSignature', 'SignTransaction'].map((eventName) =>
          expect.objectContaining({
            eventName,
            requestParameters: expect.objectContaining({
              lane: `stellar:standalone:${world.keys.stellar.address}:authorization:${authorizationNonce('po_26')}`,
              transaction: expect.objectContaining({ contract: expect.stringMatching(/^C/), expirationLedger: '500' }),
            }),
          }),
        ),
      );
    }
  });
});
