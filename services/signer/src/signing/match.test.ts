import { generateKeyPairSync, sign } from 'node:crypto';
import { issuedAsset, stellarChainId } from '@countersign/chains/caip';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import { buildAuthorization } from '@countersign/chains/stellar/build';
import { assetContract } from '@countersign/chains/stellar/contract';
import { decodeAuthorization } from '@countersign/chains/stellar/decode';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { invocationAround } from '@countersign/chains/testing/soroban';
import { describe, expect, test } from '@jest/globals';
import { match } from './match.ts';
import type { PayoutWithApprovals, StellarProposal } from './proposal.ts';

const PASSPHRASE = 'Test SDF Network ; September 2015';
const TESTNET = stellarChainId(PASSPHRASE);

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const rawKey = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const TREASURY = stellarAddress(rawKey);
const ANN = stellarAddress(new Uint8Array(32).fill(3));
const ISSUER = stellarAddress(new Uint8Array(32).fill(4));
const USD = issuedAsset(TESTNET, 'USD', ISSUER);
const payout: PayoutWithApprovals = { payoutId: 'po_1', destination: ANN, asset: USD, amount: 40n, approvals: [] };

function entryFor(): Uint8Array {
  return buildAuthorization({
    networkPassphrase: PASSPHRASE,
    account: TREASURY,
    contract: assetContract(PASSPHRASE, USD),
    destination: ANN,
    amount: 40n,
    nonce: authorizationNonce('po_1'),
    expirationLedger: 500,
  }).entry;
}

function proposal(
  payouts: readonly PayoutWithApprovals[],
  transaction: StellarProposal['transaction'],
): StellarProposal {
  return {
    kind: 'stellar',
    requestId: 'r',
    key: { id: 'treasury-stellar', algorithm: 'ed25519', publicKey: rawKey, custodies: {}, address: TREASURY },
    purpose: 'payout',
    payouts,
    unsigned: new Uint8Array(),
    transaction,
    networkPassphrase: PASSPHRASE,
  };
}

const unsigned = (payouts: readonly PayoutWithApprovals[]) =>
  proposal(payouts, decodeAuthorization(PASSPHRASE, entryFor()));

/** An envelope around what was authorized, with another signature or by another key where one is given. */
function enveloped(
  payouts: readonly PayoutWithApprovals[],
  change: { readonly publicKey?: Uint8Array; readonly signature?: Uint8Array } = {},
): StellarProposal {
  const authorized = decodeAuthorization(PASSPHRASE, entryFor());
  const signature = new Uint8Array(sign(null, authorized.hash, privateKey));
  return proposal(payouts, invocationAround(authorized, { publicKey: rawKey, signature, ...change }));
}

describe('match', () => {
  test('finds the transfer of an authorization, alone and in an envelope', () => {
    const transfer = { destination: ANN, asset: USD, amount: 40n };
    expect(match(unsigned([payout]))).toEqual([transfer]);
    expect(match(enveloped([payout]))).toEqual([transfer]);
  });

  test.each<[string, string, StellarProposal]>([
    ['what is not declared', 'PAYOUT_NOT_PAID', unsigned([{ ...payout, amount: 41n }])],
    ['what is not declared, in an envelope', 'NONCE_NOT_DERIVED', enveloped([{ ...payout, payoutId: 'po_2' }])],
    ['a cancel by an envelope', 'CANCEL_NOT_SUPPORTED', { ...enveloped([]), purpose: 'cancel' }],
    [
      'a signature by another key',
      'AUTHORIZATION_NOT_OURS',
      enveloped([payout], { publicKey: new Uint8Array(32).fill(3) }),
    ],
    [
      'a signature that is not one',
      'AUTHORIZATION_NOT_OURS',
      enveloped([payout], { signature: new Uint8Array(64).fill(7) }),
    ],
    [
      'a signature of something else',
      'AUTHORIZATION_NOT_OURS',
      enveloped([payout], { signature: new Uint8Array(sign(null, new Uint8Array(32), privateKey)) }),
    ],
  ])('refuses %s', (_, reason, asked) => {
    expect(() => match(asked)).toThrow(
      expect.objectContaining({ code: 'TRANSACTION_MISMATCH', reasons: [expect.objectContaining({ code: reason })] }),
    );
  });
});
