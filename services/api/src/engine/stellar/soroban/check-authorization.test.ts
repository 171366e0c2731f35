import { attachAuthorizationSignature } from '@countersign/chains/stellar/attach';
import { buildAuthorization } from '@countersign/chains/stellar/build';
import { describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { newContract } from '../../../../testing/engine/contracts.ts';
import { checkAuthorization } from './check-authorization.ts';

const [account, key] = [Keypair.random(), Keypair.random()];
const [contract, destination] = [newContract(), newContract()];

function signed(amount: bigint) {
  const { entry, hash } = buildAuthorization({
    networkPassphrase: 'Test SDF Network ; September 2015',
    account: account.publicKey(),
    contract,
    destination,
    amount,
    nonce: -7n,
    expirationLedger: 1_000,
  });
  const signature = key.sign(Buffer.from(hash));
  const signedTransaction = attachAuthorizationSignature(entry, key.rawPublicKey(), signature);
  return {
    authorization: { unsigned: entry, hash: Buffer.from(hash).toString('hex') },
    response: { signedTransaction, transactionHash: hash, signature },
  };
}

describe('checkAuthorization', () => {
  const { authorization, response } = signed(1n);

  test('takes our entry with one signature', () => {
    expect(checkAuthorization(authorization, response)).toBeUndefined();
  });

  test('refuses another entry, another hash, another signature and none', () => {
    const other = signed(2n).response;
    expect(checkAuthorization(authorization, { ...response, transactionHash: other.transactionHash })).toBe(
      'another hash',
    );
    expect(checkAuthorization(authorization, { ...other, transactionHash: response.transactionHash })).toBe(
      'another authorization entry',
    );
    expect(checkAuthorization(authorization, { ...response, signature: other.signature })).toBe(
      'another authorization entry',
    );
    expect(checkAuthorization(authorization, { ...response, signature: new Uint8Array(3) })).toBe('not a signature');
    expect(checkAuthorization(authorization, { ...response, signedTransaction: authorization.unsigned })).toBe(
      'not an authorization entry with one signature',
    );
  });

  test('never takes bytes that differ anywhere', () => {
    fc.assert(
      fc.property(fc.nat(response.signedTransaction.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Uint8Array.from(response.signedTransaction);
        changed[at] = (changed[at] ?? 0) ^ by;
        // The signer's key is its own to say: whether it may sign for the treasury is for the network.
        const isKey = at >= keyAt && at < keyAt + 32;
        expect(checkAuthorization(authorization, { ...response, signedTransaction: changed }) === undefined).toBe(
          isKey,
        );
      }),
    );
  });

  const keyAt = Buffer.from(response.signedTransaction).indexOf(key.rawPublicKey());
});
