import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Account, Asset, Keypair, Operation, TransactionBuilder, type xdr } from '@stellar/stellar-sdk/base';
import { type StellarRpc, startStellarRpc } from '../stellar/rpc/server.ts';
import { callRpc } from './json-rpc.ts';
import { generateKeys } from './keys.ts';
import { STELLAR } from './networks.ts';
import { generateRecipients } from './recipients.ts';
import { setUpStellar } from './stellar-setup.ts';

const keys = generateKeys(2);
const [funded = '', unfunded = ''] = generateRecipients(2).stellar;
const treasury = keys.stellar.address;
let rpc: StellarRpc;

beforeAll(async () => {
  rpc = await startStellarRpc({ networkPassphrase: STELLAR.passphrase, closeEveryMs: 1_000 });
  await setUpStellar(rpc.url, keys, [funded], new AbortController().signal);
});
afterAll(() => rpc.close());

const byWeight = (a: { weight: number }, b: { weight: number }) => a.weight - b.weight;

/** What the network answers to a transaction of the first channel that carries this one signature. */
async function send(signer: Keypair, ...operations: xdr.Operation[]): Promise<unknown> {
  const channel = keys.channels[0]?.publicKey() ?? '';
  const source = new Account(channel, String(rpc.ledger.account(channel)?.sequence));
  const builder = new TransactionBuilder(source, { fee: '100', networkPassphrase: STELLAR.passphrase }).setTimeout(60);
  for (const operation of operations) builder.addOperation(operation);
  const transaction = builder.build();
  transaction.sign(signer);
  return callRpc(rpc.url, 'sendTransaction', { transaction: transaction.toXdr() });
}

describe('the accounts', () => {
  test('the treasury pays with its own key; the admin’s alone reaches the high threshold', () => {
    expect(rpc.ledger.account(treasury)).toMatchObject({
      balance: 1_000_000n * 10_000_000n,
      masterWeight: 2,
      thresholds: { low: 1, medium: 2, high: 3 },
      signers: [{ key: keys.admin.publicKey(), weight: 3 }],
    });
  });

  test('a channel’s own key has no weight; the treasury’s has medium, the admin’s high', () => {
    for (const channel of keys.channels) {
      const { signers, ...state } = rpc.ledger.account(channel.publicKey()) ?? { signers: [] };
      expect(state).toMatchObject({ masterWeight: 0, thresholds: { low: 1, medium: 2, high: 3 } });
      expect([...signers].sort(byWeight)).toEqual([
        { key: treasury, weight: 2 },
        { key: keys.admin.publicKey(), weight: 3 },
      ]);
    }
  });

  test('a recipient that is to be funded exists, another does not', () => {
    expect(rpc.ledger.account(funded)?.balance).toBe(100_000_000n);
    expect(rpc.ledger.account(unfunded)).toBeUndefined();
  });
});

describe('one signature on a channel’s transaction', () => {
  const treasuryKey = Keypair.fromSecret(keys.stellar.seed);

  test('of the treasury’s key is not enough to change signers', async () => {
    const signer = { ed25519PublicKey: Keypair.random().publicKey(), weight: 1 };
    for (const source of [treasury, keys.channels[0]?.publicKey() ?? '']) {
      expect(await send(treasuryKey, Operation.setOptions({ source, signer }))).toMatchObject({ status: 'ERROR' });
    }
  });

  test('of the channel’s own key is not enough for anything', async () => {
    const [channel] = keys.channels;
    if (channel === undefined) throw new Error('no channel');
    expect(await send(channel, Operation.bumpSequence({ bumpTo: '0' }))).toMatchObject({ status: 'ERROR' });
  });

  test('of the treasury’s key pays from the treasury', async () => {
    const payment = { source: treasury, destination: funded, asset: Asset.native(), amount: '1' };
    expect(await send(treasuryKey, Operation.payment(payment))).toMatchObject({ status: 'PENDING' });
  });
});
