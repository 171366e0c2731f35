import { nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { attachStellarSignature } from '@countersign/chains/stellar/attach';
import { buildStellarPayout } from '@countersign/chains/stellar/build';
import { describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { checkSigned } from './check-signed.ts';

const PASSPHRASE = 'Test SDF Network ; September 2015';
const NATIVE = nativeAsset(stellarChainId(PASSPHRASE));
const key = Keypair.random();
const channel = Keypair.random().publicKey();

function signed(amount: bigint) {
  const { envelope, hash } = buildStellarPayout({
    networkPassphrase: PASSPHRASE,
    channel,
    sequence: 5n,
    treasury: key.publicKey(),
    fee: 200n,
    maxTime: 1_800_000_000n,
    payments: [{ destination: key.publicKey(), asset: NATIVE, amount, createAccount: false }],
  });
  const signedTransaction = attachStellarSignature(envelope, key.rawPublicKey(), key.sign(Buffer.from(hash)));
  return {
    attempt: { unsigned: envelope, hash: Buffer.from(hash).toString('hex') },
    response: { signedTransaction, transactionHash: hash },
  };
}

describe('checkSigned', () => {
  const { attempt, response } = signed(1n);
  // What follows the transaction: a count, a hint, a length and the signature, which is for the network to judge.
  const transactionLength = attempt.unsigned.length - 4;

  test('accepts our transaction with a signature', () => {
    expect(checkSigned(attempt, response)).toBeUndefined();
  });

  test('refuses another transaction, none, one without a signature, and one with two', () => {
    expect(checkSigned(attempt, signed(2n).response)).toBe('another transaction hash');
    expect(checkSigned(attempt, { ...signed(2n).response, transactionHash: response.transactionHash })).toBe(
      'another transaction',
    );
    expect(checkSigned(attempt, { ...response, signedTransaction: new Uint8Array(3) })).toBe('not an envelope');
    expect(checkSigned(attempt, { ...response, signedTransaction: attempt.unsigned })).toBe(
      'expected one signature, got 0',
    );
    const signature = response.signedTransaction.subarray(transactionLength + 4);
    const twice = new Uint8Array([...response.signedTransaction.with(transactionLength + 3, 2), ...signature]);
    expect(checkSigned(attempt, { ...response, signedTransaction: twice })).toBe('expected one signature, got 2');
  });

  test('refuses an answer whose transaction is changed in any bit', () => {
    fc.assert(
      fc.property(fc.nat(transactionLength - 1), fc.integer({ min: 0, max: 7 }), (index, bit) => {
        const bytes = response.signedTransaction;
        const changed = bytes.with(index, (bytes[index] ?? 0) ^ (1 << bit));
        expect(checkSigned(attempt, { ...response, signedTransaction: changed })).toBeDefined();
      }),
    );
  });
});
