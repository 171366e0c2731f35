import { type ChainId, erc20Asset, evmChainId, issuedAsset, nativeAsset } from '@countersign/chains/caip';
import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide, type Question } from './decide.ts';
import type { EvmKeyPolicy, StellarKeyPolicy } from './schema.ts';

const NOW = 1_800_000_000n;
const CALLER = 'spiffe://countersign.dev/api';
const TESTNET = 'stellar:testnet' as ChainId;
const ANVIL = 'eip155:31337' as ChainId;
const XLM = nativeAsset(TESTNET);
const ETH = nativeAsset(ANVIL);
const ISSUER = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const OTHER = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const MUXED_ISSUER = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
const USD = issuedAsset(TESTNET, 'USD', ISSUER);
const TOKEN = erc20Asset(ANVIL, `0x${'11'.repeat(20)}`);

const stellarPolicy: StellarKeyPolicy = {
  kind: 'stellar',
  callers: new Map([[CALLER, new Set(['payout'])]]),
  chain: TESTNET,
  account: 'TREASURY',
  channels: new Set(['CHANNEL']),
  destinations: new Set(['ANN', 'BOB', ISSUER, MUXED_ISSUER]),
  assets: new Map([
    [XLM, { maxPerPayout: 1_000n, decimals: 7 }],
    [USD, { maxPerPayout: 1_000n, decimals: 7 }],
  ]),
  maxFee: 500n,
  maxLifetime: 300n,
  allowCreateAccount: false,
};
const evmPolicy: EvmKeyPolicy = {
  kind: 'evm',
  callers: new Map([[CALLER, new Set(['payout', 'cancel'])]]),
  chain: ANVIL,
  destinations: new Set(['0xA']),
  assets: new Map([
    [ETH, { maxPerPayout: 1_000n, decimals: 18 }],
    [TOKEN, { maxPerPayout: 2_000_000n, decimals: 6 }],
  ]),
  maxGasLimit: 50_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  maxNoncesAhead: 16n,
};

const stellarTransaction: StellarTransaction = {
  kind: 'stellar',
  chain: TESTNET,
  hash: new Uint8Array(32),
  source: 'CHANNEL',
  sequence: 5n,
  fee: 500n,
  minTime: 0n,
  maxTime: NOW + 300n,
  operations: [
    { type: 'payment', source: 'TREASURY', destination: 'ANN', asset: XLM, amount: 1_000n },
    { type: 'bumpSequence', bumpTo: 1024n },
  ],
};
const evmTransaction: EvmTransaction = {
  kind: 'evm',
  chain: ANVIL,
  chainId: 31337n,
  nonce: 0n,
  to: '0xA',
  value: 1_000n,
  transfer: { asset: ETH, destination: '0xA', amount: 1_000n },
  gasLimit: 50_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  signingHash: new Uint8Array(32),
};

const toAnn: Transfer = { destination: 'ANN', asset: XLM, amount: 1_000n };
const toA: Transfer = { destination: '0xA', asset: ETH, amount: 1_000n };
const stellarQuestion: Question = {
  caller: CALLER,
  purpose: 'payout',
  transaction: stellarTransaction,
  transfers: [toAnn],
  now: NOW,
};
const evmQuestion: Question = { ...stellarQuestion, transaction: evmTransaction, transfers: [toA] };

const onStellar = (change: Partial<StellarTransaction>, transfers = [toAnn]): Question => ({
  ...stellarQuestion,
  transaction: { ...stellarTransaction, ...change },
  transfers,
});
const onEvm = (change: Partial<EvmTransaction>, transfers = [toA]): Question => ({
  ...evmQuestion,
  transaction: { ...evmTransaction, ...change },
  transfers,
});

function codesOf(policy: StellarKeyPolicy | EvmKeyPolicy, question: Question): string[] {
  const decision = decide(policy, question);
  return decision.allowed ? [] : decision.reasons.map(({ code }) => code);
}

describe('decide', () => {
  test('allows a transaction at every limit', () => {
    expect(decide(stellarPolicy, stellarQuestion)).toEqual({ allowed: true });
    expect(decide(evmPolicy, evmQuestion)).toEqual({ allowed: true });
    expect(decide(evmPolicy, { ...evmQuestion, purpose: 'cancel', transfers: [] })).toEqual({ allowed: true });
  });

  test.each<[string, Question]>([
    ['CALLER_NOT_ALLOWED', { ...stellarQuestion, caller: 'spiffe://countersign.dev/other' }],
    ['CALLER_NOT_ALLOWED', { ...stellarQuestion, purpose: 'cancel' }],
    ['NETWORK_NOT_ALLOWED', onStellar({ chain: 'stellar:pubnet' as ChainId })],
    ['NETWORK_NOT_ALLOWED', evmQuestion],
    ['DESTINATION_NOT_ALLOWED', onStellar({}, [{ ...toAnn, destination: 'EVE' }])],
    [
      'ASSET_NOT_ALLOWED',
      onStellar({}, [{ destination: ISSUER, asset: issuedAsset(TESTNET, 'EUR', OTHER), amount: 1n }]),
    ],
    ['AMOUNT_ABOVE_LIMIT', onStellar({}, [{ ...toAnn, amount: 1_001n }])],
    ['DESTINATION_IS_ISSUER', onStellar({}, [{ destination: ISSUER, asset: USD, amount: 1n }])],
    ['DESTINATION_IS_ISSUER', onStellar({}, [{ destination: MUXED_ISSUER, asset: USD, amount: 1n }])],
    ['CHANNEL_NOT_ALLOWED', onStellar({ source: 'TREASURY' })],
    [
      'ACCOUNT_NOT_ALLOWED',
      onStellar({ operations: [{ type: 'payment', source: 'EVE', destination: 'ANN', asset: XLM, amount: 1n }] }),
    ],
    [
      'ACCOUNT_NOT_ALLOWED',
      onStellar({ operations: [{ type: 'payment', destination: 'ANN', asset: XLM, amount: 1n }] }),
    ],
    [
      'CREATE_ACCOUNT_NOT_ALLOWED',
      onStellar({
        operations: [{ type: 'createAccount', source: 'TREASURY', destination: 'ANN', asset: XLM, amount: 1n }],
      }),
    ],
    ['FEE_ABOVE_LIMIT', onStellar({ fee: 501n })],
    ['TIME_BOUNDS_MISSING', onStellar({ maxTime: 0n })],
    ['TRANSACTION_EXPIRED', onStellar({ maxTime: NOW })],
    ['LIFETIME_ABOVE_LIMIT', onStellar({ maxTime: NOW + 301n })],
    ['LIFETIME_ABOVE_LIMIT', onStellar({ maxTime: 2n ** 64n - 1n })],
    ['VALID_LATER', onStellar({ minTime: NOW + 1n })],
  ])('Stellar: %s', (code, question) => {
    expect(codesOf(stellarPolicy, question)).toEqual([code]);
  });

  test.each<[string, Question]>([
    ['CALLER_NOT_ALLOWED', { ...evmQuestion, caller: 'spiffe://countersign.dev/other' }],
    ['NETWORK_NOT_ALLOWED', onEvm({ chain: 'eip155:1' as ChainId })],
    ['NETWORK_NOT_ALLOWED', stellarQuestion],
    ['DESTINATION_NOT_ALLOWED', onEvm({}, [{ ...toA, destination: '0xE' }])],
    ['ASSET_NOT_ALLOWED', onEvm({}, [{ ...toA, asset: nativeAsset(evmChainId(1n)) }])],
    ['AMOUNT_ABOVE_LIMIT', onEvm({}, [{ ...toA, amount: 1_001n }])],
    ['GAS_LIMIT_ABOVE_LIMIT', onEvm({ gasLimit: 50_001n })],
    ['FEE_CAP_ABOVE_LIMIT', onEvm({ maxFeePerGas: 101n })],
    ['PRIORITY_FEE_ABOVE_LIMIT', onEvm({ maxPriorityFeePerGas: 11n })],
  ])('EVM: %s', (code, question) => {
    expect(codesOf(evmPolicy, question)).toEqual([code]);
  });

  test('the issuer of one asset may be paid in another', () => {
    expect(codesOf(stellarPolicy, onStellar({}, [{ destination: ISSUER, asset: XLM, amount: 1n }]))).toEqual([]);
    const other = issuedAsset(TESTNET, 'USD', OTHER);
    const assets = new Map([[other, { maxPerPayout: 1n, decimals: 7 }]]);
    const question = onStellar({}, [{ destination: ISSUER, asset: other, amount: 1n }]);
    expect(codesOf({ ...stellarPolicy, assets }, question)).toEqual([]);
  });

  test('an amount above the limit is shown with the decimals that the policy tells', () => {
    const transfers = [{ destination: '0xA', asset: TOKEN, amount: 2_000_001n }];
    expect(decide(evmPolicy, onEvm({}, transfers))).toEqual({
      allowed: false,
      reasons: [{ code: 'AMOUNT_ABOVE_LIMIT', message: 'transfers[0].amount: expected at most 2, got 2.000001' }],
    });
  });

  test('a key that may create accounts may', () => {
    const operations = [
      { type: 'createAccount', source: 'TREASURY', destination: 'ANN', asset: XLM, amount: 1n },
    ] as const;
    expect(codesOf({ ...stellarPolicy, allowCreateAccount: true }, onStellar({ operations }))).toEqual([]);
  });

  test('a caller who may not ask learns nothing else', () => {
    const question = onStellar({ fee: 501n, source: 'EVE' }, [{ ...toAnn, destination: 'EVE' }]);
    expect(codesOf(stellarPolicy, { ...question, caller: 'spiffe://countersign.dev/other' })).toEqual([
      'CALLER_NOT_ALLOWED',
    ]);
  });

  test('lists every violated rule, and each transfer by its place', () => {
    const question = onStellar({ fee: 501n, maxTime: NOW, source: 'EVE' }, [
      toAnn,
      { ...toAnn, destination: 'EVE', amount: 9_999n },
    ]);
    const decision = decide(stellarPolicy, question);
    expect(decision).toEqual({
      allowed: false,
      reasons: [
        { code: 'DESTINATION_NOT_ALLOWED', message: 'transfers[1].destination: EVE is not listed' },
        { code: 'AMOUNT_ABOVE_LIMIT', message: 'transfers[1].amount: expected at most 0.0001, got 0.0009999' },
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
          const policy = { ...stellarPolicy, assets: new Map([[XLM, { maxPerPayout: limit, decimals: 7 }]]) };
          expect(decide(policy, onStellar({}, [{ ...toAnn, amount }])).allowed).toBe(amount <= limit);
        },
      ),
    );
  });
});
