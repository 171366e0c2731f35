import { type ChainId, evmChainId, issuedAsset, nativeAsset } from '@countersign/chains/caip';
import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  ANN,
  BOB,
  codesOf,
  evmKey,
  evmQuestion,
  evmTransaction,
  ISSUER,
  limits,
  MUXED_ISSUER,
  NOW,
  stellarKey,
  stellarQuestion,
  stellarTransaction,
  TESTNET,
  TOKEN,
  toAnn,
  toClara,
  USD,
  XLM,
} from '../testing/policies.ts';
import { decide, type Question } from './decide.ts';

const EVE = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';

const onStellar = (change: Partial<StellarTransaction>, payouts = [toAnn]): Question => ({
  ...stellarQuestion,
  transaction: { ...stellarTransaction, ...change },
  payouts,
});
const onEvm = (change: Partial<EvmTransaction>, payouts = [toClara]): Question => ({
  ...evmQuestion,
  transaction: { ...evmTransaction, ...change },
  payouts,
});

describe('decide', () => {
  test('allows a transaction at every limit', () => {
    expect(decide(stellarKey, stellarQuestion)).toEqual({ allowed: true });
    expect(decide(evmKey, evmQuestion)).toEqual({ allowed: true });
    expect(decide(evmKey, { ...evmQuestion, purpose: 'cancel', payouts: [] })).toEqual({ allowed: true });
  });

  test.each<[string, Question]>([
    ['CALLER_NOT_ALLOWED', { ...stellarQuestion, caller: 'spiffe://countersign.dev/other' }],
    ['CALLER_NOT_ALLOWED', { ...stellarQuestion, purpose: 'cancel' }],
    ['NETWORK_NOT_ALLOWED', onStellar({ chain: 'stellar:pubnet' as ChainId })],
    ['NETWORK_NOT_ALLOWED', evmQuestion],
    ['DESTINATION_NOT_ALLOWED', onStellar({}, [{ ...toAnn, destination: EVE }])],
    [
      'ASSET_NOT_ALLOWED',
      onStellar({}, [{ ...toAnn, destination: ISSUER, asset: issuedAsset(TESTNET, 'EUR', BOB), amount: 1n }]),
    ],
    ['AMOUNT_ABOVE_LIMIT', onStellar({}, [{ ...toAnn, amount: 1_001n }])],
    ['DESTINATION_IS_ISSUER', onStellar({}, [{ ...toAnn, destination: ISSUER, asset: USD, amount: 1n }])],
    ['DESTINATION_IS_ISSUER', onStellar({}, [{ ...toAnn, destination: MUXED_ISSUER, asset: USD, amount: 1n }])],
    ['CHANNEL_NOT_ALLOWED', onStellar({ source: 'TREASURY' })],
    [
      'ACCOUNT_NOT_ALLOWED',
      onStellar({ operations: [{ type: 'payment', source: EVE, destination: ANN, asset: XLM, amount: 1n }] }),
    ],
    ['ACCOUNT_NOT_ALLOWED', onStellar({ operations: [{ type: 'payment', destination: ANN, asset: XLM, amount: 1n }] })],
    [
      'CREATE_ACCOUNT_NOT_ALLOWED',
      onStellar({
        operations: [{ type: 'createAccount', source: 'TREASURY', destination: ANN, asset: XLM, amount: 1n }],
      }),
    ],
    ['FEE_ABOVE_LIMIT', onStellar({ fee: 501n })],
    ['TIME_BOUNDS_MISSING', onStellar({ maxTime: 0n })],
    ['TRANSACTION_EXPIRED', onStellar({ maxTime: NOW })],
    ['LIFETIME_ABOVE_LIMIT', onStellar({ maxTime: NOW + 301n })],
    ['LIFETIME_ABOVE_LIMIT', onStellar({ maxTime: 2n ** 64n - 1n })],
    ['VALID_LATER', onStellar({ minTime: NOW + 1n })],
  ])('Stellar: %s', (code, question) => {
    expect(codesOf(stellarKey, question)).toEqual([code]);
  });

  test.each<[string, Question]>([
    ['CALLER_NOT_ALLOWED', { ...evmQuestion, caller: 'spiffe://countersign.dev/other' }],
    ['NETWORK_NOT_ALLOWED', onEvm({ chain: 'eip155:1' as ChainId })],
    ['NETWORK_NOT_ALLOWED', stellarQuestion],
    ['DESTINATION_NOT_ALLOWED', onEvm({}, [{ ...toClara, destination: `0x${'e'.repeat(40)}` }])],
    ['ASSET_NOT_ALLOWED', onEvm({}, [{ ...toClara, asset: nativeAsset(evmChainId(1n)) }])],
    ['AMOUNT_ABOVE_LIMIT', onEvm({}, [{ ...toClara, amount: 1_001n }])],
    ['GAS_LIMIT_ABOVE_LIMIT', onEvm({ gasLimit: 50_001n })],
    ['FEE_CAP_ABOVE_LIMIT', onEvm({ maxFeePerGas: 101n })],
    ['PRIORITY_FEE_ABOVE_LIMIT', onEvm({ maxPriorityFeePerGas: 11n })],
  ])('EVM: %s', (code, question) => {
    expect(codesOf(evmKey, question)).toEqual([code]);
  });

  test('the issuer of one asset may be paid in another', () => {
    expect(codesOf(stellarKey, onStellar({}, [{ ...toAnn, destination: ISSUER, asset: XLM, amount: 1n }]))).toEqual([]);
    const other = issuedAsset(TESTNET, 'USD', BOB);
    const assets = new Map([[other, limits({ issuer: BOB })]]);
    const question = onStellar({}, [{ ...toAnn, destination: ISSUER, asset: other, amount: 1n }]);
    expect(codesOf({ ...stellarKey, assets }, question)).toEqual([]);
  });

  test('an amount above the limit is shown with the decimals that the policy tells', () => {
    const payouts = [{ ...toClara, asset: TOKEN, amount: 2_000_001n }];
    expect(decide(evmKey, onEvm({}, payouts))).toEqual({
      allowed: false,
      reasons: [{ code: 'AMOUNT_ABOVE_LIMIT', message: 'payouts[0].amount: expected at most 2, got 2.000001' }],
    });
  });

  test('a transaction that is valid from now on, and for as long as it may be, is', () => {
    expect(codesOf(stellarKey, onStellar({ minTime: NOW, maxTime: NOW + 300n }))).toEqual([]);
  });

  test('a lifetime above the limit is shown in seconds, and another account by its name', () => {
    const operations = [{ type: 'payment', source: EVE, destination: ANN, asset: XLM, amount: 1n }] as const;
    expect(decide(stellarKey, onStellar({ maxTime: NOW + 301n, operations }))).toEqual({
      allowed: false,
      reasons: [
        { code: 'ACCOUNT_NOT_ALLOWED', message: `operations[0].source: expected TREASURY, got ${EVE}` },
        { code: 'LIFETIME_ABOVE_LIMIT', message: 'maxTime: expected at most 300 seconds from now, got 301' },
      ],
    });
  });

  test('a key that may create accounts may', () => {
    const operations = [
      { type: 'createAccount', source: 'TREASURY', destination: ANN, asset: XLM, amount: 1n },
    ] as const;
    expect(codesOf({ ...stellarKey, allowCreateAccount: true }, onStellar({ operations }))).toEqual([]);
  });

  test('a caller who may not ask learns nothing else', () => {
    const question = onStellar({ fee: 501n, source: EVE }, [{ ...toAnn, destination: EVE }]);
    expect(codesOf(stellarKey, { ...question, caller: 'spiffe://countersign.dev/other' })).toEqual([
      'CALLER_NOT_ALLOWED',
    ]);
  });

  test('lists every violated rule, and each transfer by its place', () => {
    const question = onStellar({ fee: 501n, maxTime: NOW, source: EVE }, [
      toAnn,
      { ...toAnn, destination: EVE, amount: 9_999n },
    ]);
    const decision = decide(stellarKey, question);
    expect(decision).toEqual({
      allowed: false,
      reasons: [
        { code: 'DESTINATION_NOT_ALLOWED', message: `payouts[1].destination: ${EVE} is not listed` },
        { code: 'AMOUNT_ABOVE_LIMIT', message: 'payouts[1].amount: expected at most 0.0001, got 0.0009999' },
        expect.objectContaining({ code: 'CHANNEL_NOT_ALLOWED' }),
        { code: 'FEE_ABOVE_LIMIT', message: 'fee: expected at most 500 stroops, got 501' },
        expect.objectContaining({ code: 'TRANSACTION_EXPIRED' }),
      ],
    });
  });

  test('allows exactly the amounts up to the limit, for every limit', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
        fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
        (limit, amount) => {
          const policy = { ...stellarKey, assets: new Map([[XLM, limits({ maxPerPayout: limit })]]) };
          expect(decide(policy, onStellar({}, [{ ...toAnn, amount }])).allowed).toBe(amount <= limit);
        },
      ),
    );
  });
});
