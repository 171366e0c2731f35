import { issuedAsset, nativeAsset, parseAssetId, stellarChainId } from '@countersign/chains/caip';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import { buildAuthorization } from '@countersign/chains/stellar/build';
import { assetContract } from '@countersign/chains/stellar/contract';
import { decodeAuthorization } from '@countersign/chains/stellar/decode';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { invocationAround, KEY, SIGNATURE } from '@countersign/chains/testing/soroban';
import { describe, expect, test } from '@jest/globals';
import type { Declared, DeclaredOnStellar, DeclaredPayout } from './declared.ts';
import { match } from './match.ts';

const PASSPHRASE = 'Test SDF Network ; September 2015';
const TESTNET = stellarChainId(PASSPHRASE);
const PUBNET = stellarChainId('Public Global Stellar Network ; September 2015');

const TREASURY = stellarAddress(new Uint8Array(32).fill(2));
const ANN = stellarAddress(new Uint8Array(32).fill(3));
const ISSUER = stellarAddress(new Uint8Array(32).fill(4));
const USD = issuedAsset(TESTNET, 'USD', ISSUER);
const payout: DeclaredPayout = { payoutId: 'po_1', destination: ANN, asset: USD, amount: 40n };

function entryFor(change: Partial<Parameters<typeof buildAuthorization>[0]> = {}): Uint8Array {
  return buildAuthorization({
    networkPassphrase: PASSPHRASE,
    account: TREASURY,
    contract: assetContract(PASSPHRASE, USD),
    destination: ANN,
    amount: 40n,
    nonce: authorizationNonce('po_1'),
    expirationLedger: 500,
    ...change,
  }).entry;
}

const declared = (payouts: readonly DeclaredPayout[], transaction: DeclaredOnStellar['transaction']): Declared => ({
  purpose: 'payout',
  payouts,
  address: TREASURY,
  transaction,
  networkPassphrase: PASSPHRASE,
});

const unsigned = (payouts: readonly DeclaredPayout[], entry = entryFor()) =>
  declared(payouts, decodeAuthorization(PASSPHRASE, entry));

const enveloped = (payouts: readonly DeclaredPayout[]) =>
  declared(
    payouts,
    invocationAround(decodeAuthorization(PASSPHRASE, entryFor()), { publicKey: KEY, signature: SIGNATURE }),
  );

describe('the one authorization of a payout', () => {
  test('is its transfer, alone and in an envelope', () => {
    const transfer = { destination: ANN, asset: USD, amount: 40n };
    expect(match(unsigned([payout]))).toEqual([transfer]);
    expect(match(enveloped([payout]))).toEqual([transfer]);
  });

  test('of lumens calls the contract of lumens', () => {
    const xlm = nativeAsset(TESTNET);
    const entry = entryFor({ contract: assetContract(PASSPHRASE, xlm) });
    expect(match(unsigned([{ ...payout, asset: xlm }], entry))).toEqual([
      { destination: ANN, asset: xlm, amount: 40n },
    ]);
  });

  test.each<[string, string, Declared]>([
    ['no payout', 'NOT_ONE_PAYOUT', unsigned([])],
    ['two payouts', 'NOT_ONE_PAYOUT', unsigned([payout, { ...payout, payoutId: 'po_2' }])],
    ['no payout in an envelope', 'NOT_ONE_PAYOUT', enveloped([])],
    ['the nonce of another payout', 'NONCE_NOT_DERIVED', unsigned([{ ...payout, payoutId: 'po_2' }])],
    ['a nonce of one’s choice', 'NONCE_NOT_DERIVED', unsigned([payout], entryFor({ nonce: 1n }))],
    ['the nonce of another payout in an envelope', 'NONCE_NOT_DERIVED', enveloped([{ ...payout, payoutId: 'po_2' }])],
    [
      'the contract of another asset',
      'CONTRACT_NOT_OF_ASSET',
      unsigned([payout], entryFor({ contract: assetContract(PASSPHRASE, nativeAsset(TESTNET)) })),
    ],
    [
      'an asset of another network',
      'CONTRACT_NOT_OF_ASSET',
      unsigned([{ ...payout, asset: issuedAsset(PUBNET, 'USD', ISSUER) }]),
    ],
    [
      'an asset of EVM',
      'CONTRACT_NOT_OF_ASSET',
      unsigned([{ ...payout, asset: parseAssetId('eip155:1/slip44:60').id }]),
    ],
    ['another amount', 'PAYOUT_NOT_PAID', unsigned([{ ...payout, amount: 41n }])],
    ['another destination', 'PAYOUT_NOT_PAID', unsigned([{ ...payout, destination: ISSUER }])],
    ['a memo, which no contract sees', 'PAYOUT_NOT_PAID', unsigned([{ ...payout, memo: { type: 'id', value: 7n } }])],
    ['a cancel', 'CANCEL_NOT_SUPPORTED', { ...unsigned([]), purpose: 'cancel' }],
    ['a cancel by an envelope', 'CANCEL_NOT_SUPPORTED', { ...enveloped([]), purpose: 'cancel' }],
  ])('refuses %s', (_, reason, asked) => {
    expect(() => match(asked)).toThrow(expect.objectContaining({ name: 'MismatchError', code: reason }));
  });
});
