import { type AssetId, type ChainId, issuedAsset, nativeAsset, sep41Asset } from '@countersign/chains/caip';
import { assetContract, balanceKey } from '@countersign/chains/stellar/contract';
import type { FootprintKey, StellarAuthorization, StellarInvocation } from '@countersign/chains/stellar/decode';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits, listed } from '../testing/policies.ts';
import { decide } from './decide.ts';
import type { SorobanPolicy, StellarKeyPolicy } from './schema.ts';

const PASSPHRASE = 'Test SDF Network ; September 2015';
const CHAIN = 'stellar:testnet' as ChainId;
const CALLER = 'spiffe://countersign.dev/api';
const NOW = 1_800_000_000n;
const TREASURY = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const CHANNEL = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const ISSUER = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const ANN = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const VAULT = 'CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2KM';
const TOKEN = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';
const HASH = 'ab'.repeat(32);
const XLM = nativeAsset(CHAIN);
const USD = issuedAsset(CHAIN, 'USD', ISSUER);
const SEP41 = sep41Asset(CHAIN, TOKEN);
const contractOf = (asset: AssetId) => assetContract(PASSPHRASE, asset);

const soroban: SorobanPolicy = {
  maxResourceFee: 60_000n,
  maxAuthorizationSeconds: 900n,
  ledgerClock: { ledger: 1_000n, closedAt: NOW - 100n, secondsPerLedger: 5 },
  contracts: new Map([
    [contractOf(XLM), { asset: XLM }],
    [contractOf(USD), { asset: USD }],
    [TOKEN, { asset: SEP41, wasmHash: HASH }],
  ]),
};
// 100 seconds since the ledger that is known, and 900 of life, at 5 a ledger.
const LAST_LEDGER = 1_200n;
const policy: StellarKeyPolicy = {
  kind: 'stellar',
  callers: new Map([[CALLER, new Set(['payout'])]]),
  chain: CHAIN,
  account: TREASURY,
  channels: new Set([CHANNEL]),
  destinations: listed(ANN, VAULT, ISSUER),
  neverPaid: new Map(),
  assets: new Map([
    [XLM, limits()],
    [USD, limits({ issuer: ISSUER })],
    [SEP41, limits()],
  ]),
  feeWindows: [],
  maxFee: 500n,
  maxLifetime: 300n,
  allowCreateAccount: true,
  soroban,
};

const instance = (contract: string): FootprintKey => ({ type: 'contractInstance', contract });
const account = (address: string): FootprintKey => ({ type: 'account', account: address });
const line = (address: string, asset = USD): FootprintKey => ({ type: 'trustline', account: address, asset });
const data = (contract: string, key: string, durability: 'persistent' | 'temporary' = 'persistent'): FootprintKey => ({
  type: 'contractData',
  contract,
  durability,
  key,
});
const code = (hash: string): FootprintKey => ({ type: 'contractCode', hash });
const nonce = (address = TREASURY, value = 7n): FootprintKey => ({ type: 'nonce', account: address, nonce: value });

function authorizationOf(asset: AssetId, destination: string, change: Partial<StellarAuthorization> = {}) {
  return {
    kind: 'stellar-authorization' as const,
    chain: CHAIN,
    hash: new Uint8Array(32),
    account: TREASURY,
    nonce: 7n,
    expirationLedger: LAST_LEDGER,
    transfer: { contract: contractOf(asset), destination, amount: 1_000n },
    ...change,
  };
}

function invocationOf(
  asset: AssetId,
  destination: string,
  readOnly: readonly FootprintKey[],
  readWrite: readonly FootprintKey[],
  change: Partial<StellarInvocation> = {},
): StellarInvocation {
  const { kind, chain, ...authorization } = authorizationOf(asset, destination);
  return {
    kind: 'stellar-invocation',
    chain: CHAIN,
    hash: new Uint8Array(32),
    source: CHANNEL,
    sequence: 5n,
    fee: 60_500n,
    minTime: 0n,
    maxTime: NOW + 300n,
    authorization: { ...authorization, publicKey: new Uint8Array(32), signature: new Uint8Array(64) },
    resources: { resourceFee: 60_000n, instructions: 1, diskReadBytes: 1, writeBytes: 1, readOnly, readWrite },
    ...change,
  };
}

function reasonsOf(
  transaction: StellarAuthorization | StellarInvocation,
  asset: AssetId,
  destination: string,
  by: StellarKeyPolicy = policy,
) {
  const payouts = [{ payoutId: 'po_1', approvers: new Set<string>(), destination, asset, amount: 1_000n }];
  const decision = decide(by, { caller: CALLER, purpose: 'payout', transaction, payouts, now: NOW });
  return decision.allowed ? [] : decision.reasons;
}
const codesOf = (...question: Parameters<typeof reasonsOf>) => reasonsOf(...question).map(({ code }) => code);

const NEEDED: [string, AssetId, string, FootprintKey[], FootprintKey[]][] = [
  ['lumens to an account', XLM, ANN, [instance(contractOf(XLM))], [nonce(), account(TREASURY), account(ANN)]],
  [
    'lumens to a contract',
    XLM,
    VAULT,
    [instance(contractOf(XLM))],
    [nonce(), account(TREASURY), data(contractOf(XLM), balanceKey(VAULT))],
  ],
  [
    'an issued asset to an account',
    USD,
    ANN,
    [instance(contractOf(USD)), account(TREASURY)],
    [nonce(), line(TREASURY), line(ANN)],
  ],
  [
    'an issued asset to a contract',
    USD,
    VAULT,
    [instance(contractOf(USD)), account(TREASURY), account(ISSUER)],
    [nonce(), line(TREASURY), data(contractOf(USD), balanceKey(VAULT))],
  ],
  [
    'a token',
    SEP41,
    VAULT,
    [instance(TOKEN), code(HASH), account(TREASURY), data(TOKEN, '00000001')],
    [nonce(), data(TOKEN, '00000002'), data(TOKEN, '00000002', 'temporary')],
  ],
  ['a token that writes its instance', SEP41, ANN, [code(HASH)], [nonce(), instance(TOKEN), data(TOKEN, '00000002')]],
];

describe('an authorization', () => {
  test.each([XLM, USD, SEP41])('of %s is allowed at every limit', (asset) => {
    for (const destination of [ANN, VAULT]) {
      expect(codesOf(authorizationOf(asset, destination), asset, destination)).toEqual([]);
    }
  });

  test.each<[string, Partial<StellarAuthorization>]>([
    ['ACCOUNT_NOT_ALLOWED', { account: CHANNEL }],
    ['CONTRACT_NOT_ALLOWED', { transfer: { contract: VAULT, destination: ANN, amount: 1_000n } }],
    ['CONTRACT_NOT_ALLOWED', { transfer: { contract: contractOf(XLM), destination: ANN, amount: 1_000n } }],
    ['AUTHORIZATION_LIFETIME_ABOVE_LIMIT', { expirationLedger: LAST_LEDGER + 1n }],
    ['AUTHORIZATION_LIFETIME_ABOVE_LIMIT', { expirationLedger: 2n ** 32n - 1n }],
  ])('%s', (code, change) => {
    expect(codesOf(authorizationOf(USD, ANN, change), USD, ANN)).toEqual([code]);
  });

  test('is measured by the ledger that is open at the end of its longest life, at any pace', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.nat(10_000_000), fc.nat(1_000), (halves, ago, beyond) => {
        const secondsPerLedger = halves / 2;
        const ledgerClock = { ledger: 50n, closedAt: NOW - BigInt(ago), secondsPerLedger };
        const by = { ...policy, soroban: { ...soroban, ledgerClock } };
        const ledgers = BigInt(Math.ceil(((ago + 900) * 2) / halves));
        const ends = (expirationLedger: bigint) =>
          codesOf(authorizationOf(USD, ANN, { expirationLedger }), USD, ANN, by);
        expect(ends(50n + ledgers)).toEqual([]);
        expect(ends(50n + ledgers + BigInt(beyond) + 1n)).toEqual(['AUTHORIZATION_LIFETIME_ABOVE_LIMIT']);
      }),
    );
  });

  test('to the issuer would burn, also by a contract', () => {
    expect(codesOf(authorizationOf(USD, ISSUER), USD, ISSUER)).toEqual(['DESTINATION_IS_ISSUER']);
  });

  test('that is no transfer at all, or of two, is none that was declared', () => {
    const payout = { payoutId: 'po_1', approvers: new Set<string>(), destination: ANN, asset: USD, amount: 1_000n };
    for (const payouts of [[], [payout, payout]]) {
      const question = {
        caller: CALLER,
        purpose: 'payout',
        transaction: authorizationOf(USD, ANN),
        payouts,
      } as const;
      expect(decide(policy, { ...question, now: NOW })).toMatchObject({ reasons: [{ code: 'CONTRACT_NOT_ALLOWED' }] });
    }
  });

  test('is for a key that may call contracts', () => {
    const { soroban: _, ...without } = policy;
    expect(codesOf(authorizationOf(USD, ANN), USD, ANN, without)).toEqual(['SOROBAN_NOT_ALLOWED']);
    expect(codesOf(invocationOf(USD, ANN, [], []), USD, ANN, without)).toEqual(['SOROBAN_NOT_ALLOWED']);
  });

  test('on another network is judged by nothing else', () => {
    const chain = 'stellar:pubnet' as ChainId;
    expect(codesOf(authorizationOf(USD, ANN, { chain, account: CHANNEL }), USD, ANN)).toEqual(['NETWORK_NOT_ALLOWED']);
  });
});

test('lumens to an account may create it, so a key that may not create accounts pays them to contracts alone', () => {
  const strict = { ...policy, allowCreateAccount: false };
  expect(codesOf(authorizationOf(XLM, ANN), XLM, ANN, strict)).toEqual(['CREATE_ACCOUNT_NOT_ALLOWED']);
  expect(codesOf(authorizationOf(XLM, VAULT), XLM, VAULT, strict)).toEqual([]);
  expect(codesOf(authorizationOf(USD, ANN), USD, ANN, strict)).toEqual([]);
});

describe('an invocation', () => {
  test.each(NEEDED)('of %s is allowed with what it needs', (_name, asset, destination, readOnly, readWrite) => {
    expect(reasonsOf(invocationOf(asset, destination, readOnly, readWrite), asset, destination)).toEqual([]);
  });

  const [, , , readOnly, readWrite] = NEEDED[2] ?? ['', USD, ANN, [], []];
  const { authorization, resources } = invocationOf(USD, ANN, readOnly, readWrite);

  test.each<[string, Partial<StellarInvocation>]>([
    ['CHANNEL_NOT_ALLOWED', { source: TREASURY }],
    ['FEE_ABOVE_LIMIT', { fee: 60_501n }],
    ['RESOURCE_FEE_ABOVE_LIMIT', { fee: 60_501n, resources: { ...resources, resourceFee: 60_001n } }],
    ['TIME_BOUNDS_MISSING', { maxTime: 0n }],
    ['TRANSACTION_EXPIRED', { maxTime: NOW }],
    ['LIFETIME_ABOVE_LIMIT', { maxTime: NOW + 301n }],
    ['VALID_LATER', { minTime: NOW + 1n }],
    ['AUTHORIZATION_LIFETIME_ABOVE_LIMIT', { authorization: { ...authorization, expirationLedger: LAST_LEDGER + 1n } }],
  ])('%s', (code, change) => {
    expect(codesOf(invocationOf(USD, ANN, readOnly, readWrite, change), USD, ANN)).toEqual([code]);
  });

  test('of another account says so, and its footprint is another', () => {
    const change = { authorization: { ...authorization, account: CHANNEL } };
    const codes = codesOf(invocationOf(USD, ANN, readOnly, readWrite, change), USD, ANN);
    expect(new Set(codes)).toEqual(new Set(['ACCOUNT_NOT_ALLOWED', 'FOOTPRINT_NOT_ALLOWED']));
  });

  test('of an unknown contract is judged without a footprint', () => {
    const transfer = { ...authorization.transfer, contract: VAULT };
    const change = { authorization: { ...authorization, transfer } };
    expect(codesOf(invocationOf(USD, ANN, readOnly, readWrite, change), USD, ANN)).toEqual(['CONTRACT_NOT_ALLOWED']);
  });

  const EXCESS: [string, AssetId, 'readOnly' | 'readWrite', FootprintKey][] = [
    ['the trust line of another', USD, 'readWrite', line(CHANNEL)],
    ['a trust line for another asset', USD, 'readWrite', line(TREASURY, issuedAsset(CHAIN, 'EUR', ISSUER))],
    ['the trust line that is only read', USD, 'readOnly', line(ANN)],
    ['the treasury written', USD, 'readWrite', account(TREASURY)],
    ['the issuer written', USD, 'readWrite', account(ISSUER)],
    ['an account that has no part', USD, 'readOnly', account(CHANNEL)],
    ['the instance of another contract', USD, 'readOnly', instance(VAULT)],
    ['the instance written', USD, 'readWrite', instance(contractOf(USD))],
    ['another balance', USD, 'readWrite', data(contractOf(USD), balanceKey(TOKEN))],
    ['a temporary balance', USD, 'readWrite', data(contractOf(USD), balanceKey(VAULT), 'temporary')],
    ['data of another contract', USD, 'readWrite', data(TOKEN, balanceKey(VAULT))],
    ['code', USD, 'readOnly', code(HASH)],
    ['another nonce', USD, 'readWrite', nonce(TREASURY, 8n)],
    ['the nonce of another', USD, 'readWrite', nonce(CHANNEL)],
    ['a trust line of the treasury beside lumens', XLM, 'readWrite', line(TREASURY)],
    ['the issuer beside lumens', XLM, 'readOnly', account(ISSUER)],
    ['other code', SEP41, 'readOnly', code('cd'.repeat(32))],
    ['code written', SEP41, 'readWrite', code(HASH)],
    ['an account written by a token', SEP41, 'readWrite', account(TREASURY)],
    ['a trust line beside a token', SEP41, 'readWrite', line(TREASURY)],
    ['another token beside a token', SEP41, 'readWrite', data(contractOf(USD), balanceKey(VAULT))],
    ['the instance of another contract beside a token', SEP41, 'readOnly', instance(VAULT)],
    ['the destination beside a token', SEP41, 'readOnly', account(ANN)],
  ];

  test.each(EXCESS)('does not touch %s', (_name, asset, set, key) => {
    const [, , destination, readOnly, readWrite] = NEEDED.find(([, needed]) => needed === asset) ?? [
      '',
      asset,
      ANN,
      [],
      [],
    ];
    const sets = { readOnly: [...readOnly], readWrite: [...readWrite] };
    sets[set].push(key);
    const reasons = reasonsOf(invocationOf(asset, destination, sets.readOnly, sets.readWrite), asset, destination);
    expect(reasons).toEqual([
      {
        code: 'FOOTPRINT_NOT_ALLOWED',
        message: expect.stringMatching(
          new RegExp(`^resources\\.${set}\\[${sets[set].length - 1}\\]: the transfer does not need`),
        ),
      },
    ]);
  });

  test.each<[string, AssetId, (key: FootprintKey) => boolean, string]>([
    ['its nonce', USD, ({ type }) => type === 'nonce', `resources: the transfer needs nonce 7 of ${TREASURY}`],
    [
      'its nonce, of a token',
      SEP41,
      ({ type }) => type === 'nonce',
      `resources: the transfer needs nonce 7 of ${TREASURY}`,
    ],
    ['its pinned code', SEP41, ({ type }) => type === 'contractCode', `resources: the transfer needs code ${HASH}`],
  ])('names %s', (_name, asset, left, message) => {
    const [, , destination, readOnly, readWrite] = NEEDED.find(([, needed]) => needed === asset) ?? [
      '',
      asset,
      ANN,
      [],
      [],
    ];
    const keep = (keys: readonly FootprintKey[]) => keys.filter((key) => !left(key));
    expect(reasonsOf(invocationOf(asset, destination, keep(readOnly), keep(readWrite)), asset, destination)).toEqual([
      { code: 'FOOTPRINT_NOT_ALLOWED', message },
    ]);
  });

  test('with its nonce read only names the wrong place', () => {
    const reasons = reasonsOf(invocationOf(USD, ANN, [...readOnly, nonce()], readWrite.slice(1)), USD, ANN);
    expect(reasons).toEqual([{ code: 'FOOTPRINT_NOT_ALLOWED', message: expect.stringContaining('readOnly[2]') }]);
  });
});
