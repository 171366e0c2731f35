import { createPublicKey, verify } from 'node:crypto';
import { CustodyPath, type SignTransactionRequest } from '@countersign/contract/signer';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TransactionBuilder } from '@stellar/stellar-sdk/base';
import { parseTransaction, recoverTransactionAddress, toHex } from 'viem';
import { refusalOf } from '../harness/refusals.ts';
import { cancelRequest, evmRequest, PASSPHRASE, stellarRequest, withEnvelope } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';

let world: SignerWorld;
let replica: Replica;

beforeAll(async () => {
  world = await openSignerWorld();
  replica = await world.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('signing through KMS', () => {
  test('a Stellar transaction comes back with one valid signature, and nothing else has changed', async () => {
    const request = stellarRequest(world, [{ id: 'po_a1' }, { id: 'po_a2' }]);
    const answer = await replica.client.signTransaction(request);
    expect(answer).toMatchObject({ custodyPath: CustodyPath.KMS, replayed: false });

    const signed = TransactionBuilder.fromXdr(Buffer.from(answer.signedTransaction).toString('base64'), PASSPHRASE);
    expect(Buffer.from(signed.hash())).toEqual(Buffer.from(answer.transactionHash));
    expect(signed.signatures).toHaveLength(1);
    const publicKey = createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), world.keys.stellar.publicKey]),
      format: 'der',
      type: 'spki',
    });
    expect(verify(null, answer.transactionHash, publicKey, answer.signature)).toBe(true);
  });

  test('an EVM transaction comes back signed by the pinned address, with a low S', async () => {
    for (let nonce = 0n; nonce < 8n; nonce++) {
      const answer = await replica.client.signTransaction(evmRequest(world, { id: `po_b${nonce}` }, { nonce }));
      const serialized = toHex(answer.signedTransaction) as `0x02${string}`;
      expect(await recoverTransactionAddress({ serializedTransaction: serialized })).toBe(world.keys.evm.address);
      const { s, nonce: found = 0 } = parseTransaction(serialized);
      expect(BigInt(found)).toBe(nonce);
      expect(BigInt(s ?? 0)).toBeLessThanOrEqual(
        0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140n / 2n,
      );
    }
  });

  test('the same bytes again are answered from the record, under any request id, without asking KMS', async () => {
    const request = stellarRequest(world, [{ id: 'po_c' }], { sequence: 2n });
    const first = await replica.client.signTransaction(request);
    const calls = () => world.kms.events().filter(({ eventName }) => eventName === 'Sign').length;
    const before = calls();
    for (const again of [request, { ...request, requestId: 'at_other' }]) {
      const answer = await replica.client.signTransaction(again);
      expect(answer).toMatchObject({ replayed: true, custodyPath: CustodyPath.KMS });
      expect(answer.signedTransaction).toEqual(first.signedTransaction);
    }
    expect(calls()).toBe(before);
  });

  test('a replay passes the stages before it again: what has expired is denied', async () => {
    let now = new Date();
    const timed = await world.start({ name: 'signer-timed', clock: () => now });
    const request = stellarRequest(world, [{ id: 'po_d' }], { sequence: 3n });
    await timed.client.signTransaction(request);
    now = new Date(now.getTime() + 121_000);
    expect(await refusalOf(timed.client.signTransaction(request))).toBe('POLICY_DENIED TRANSACTION_EXPIRED');
  });

  test('an ECDSA replay gives the recorded signature, although KMS would give another', async () => {
    const request = evmRequest(world, { id: 'po_e' }, { nonce: 8n });
    const first = await replica.client.signTransaction(request);
    const again = await replica.client.signTransaction(request);
    expect(again.transactionHash).toEqual(first.transactionHash);
    expect(again.replayed).toBe(true);
  });

  test('a cancel is signed, and changes no binding', async () => {
    await replica.client.signTransaction(evmRequest(world, { id: 'po_f' }, { nonce: 9n }));
    expect(await refusalOf(replica.client.signTransaction(cancelRequest(world, 9n)))).toBe('signed');
    const replacement = evmRequest(world, { id: 'po_f' }, { nonce: 9n, maxFeePerGas: 200_000_000_000n });
    expect(await refusalOf(replica.client.signTransaction(replacement))).toBe('signed');
  });
});

describe('refusals', () => {
  type Case = { readonly refusal: string; readonly request: (world: SignerWorld) => SignTransactionRequest };
  const cases: Case[] = [
    {
      refusal: 'POLICY_DENIED DESTINATION_NOT_ALLOWED',
      request: (w) => stellarRequest(w, [{ id: 'po_x', destination: w.keys.admin.publicKey() }]),
    },
    {
      refusal: 'POLICY_DENIED AMOUNT_ABOVE_LIMIT',
      request: (w) => stellarRequest(w, [{ id: 'po_x', amount: 10_000_000_001n }]),
    },
    { refusal: 'POLICY_DENIED NETWORK_NOT_ALLOWED', request: onPubnet },
    {
      refusal: 'TRANSACTION_MISMATCH PAYOUT_NOT_PAID',
      request: (w) => ({
        ...stellarRequest(w, [{ id: 'po_x' }]),
        payouts: stellarRequest(w, [{ id: 'po_x', amount: 1n }]).payouts,
      }),
    },
    {
      refusal: 'TRANSACTION_MALFORMED MALFORMED_TRANSACTION',
      request: (w) => withEnvelope(stellarRequest(w, [{ id: 'po_x' }]), new Uint8Array([0, 0, 0, 2, 9])),
    },
    { refusal: 'KEY_NOT_FOUND', request: (w) => ({ ...stellarRequest(w, [{ id: 'po_x' }]), keyId: 'treasury-gold' }) },
  ];
  test.each(cases)('$refusal', async ({ refusal, request }) => {
    expect(await refusalOf(replica.client.signTransaction(request(world)))).toBe(refusal);
  });

  test('a caller whom no policy names is denied everything', async () => {
    const certificate = await world.pki.issue({ name: 'stranger', uris: ['spiffe://countersign.dev/stranger'] });
    const stranger = world.connect(replica.signer, { caFile: world.pki.apiCaFile, ...certificate });
    expect(await refusalOf(stranger.signTransaction(stellarRequest(world, [{ id: 'po_x' }])))).toBe(
      'POLICY_DENIED CALLER_NOT_ALLOWED',
    );
    expect(await refusalOf(stranger.listKeys())).toBe('KEY_NOT_FOUND');
    expect(await refusalOf(stranger.getKey({ keyId: 'treasury-evm' }))).toBe('KEY_NOT_FOUND');
  });

  test('a refusal binds nothing: the same payout id can be asked for again', async () => {
    const denied = stellarRequest(world, [{ id: 'po_g', destination: world.keys.admin.publicKey() }], { sequence: 4n });
    expect(await refusalOf(replica.client.signTransaction(denied))).toBe('POLICY_DENIED DESTINATION_NOT_ALLOWED');
    const allowed = stellarRequest(world, [{ id: 'po_g' }], { sequence: 2000n }, { requestId: denied.requestId ?? '' });
    expect(await refusalOf(replica.client.signTransaction(allowed))).toBe('signed');
  });
});

function onPubnet(world: SignerWorld): SignTransactionRequest {
  const networkPassphrase = 'Public Global Stellar Network ; September 2015';
  const request = stellarRequest(world, [{ id: 'po_x' }], { networkPassphrase });
  const payouts = request.payouts.map((payout) => ({ ...payout, asset: 'stellar:pubnet/slip44:148' }));
  return { ...request, payouts };
}
