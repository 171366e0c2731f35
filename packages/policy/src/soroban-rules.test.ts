import type { AssetId } from '@countersign/chains/caip';
import { assetContract } from '@countersign/chains/stellar/contract';
import { describe, expect, test } from '@jest/globals';
import { policySchema } from './schema.ts';

const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const CHANNEL = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const RECIPIENT = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const TOKEN = 'CA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUWDA';
const VAULT = 'CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2KM';
const PASSPHRASE = 'Test SDF Network ; September 2015';
const XLM = 'stellar:testnet/slip44:148' as AssetId;
const USD = `stellar:testnet/asset:USD-${RECIPIENT}` as AssetId;
const EUR = `stellar:testnet/asset:EUR-${RECIPIENT}` as AssetId;
const SEP41 = `stellar:testnet/sep41:${TOKEN}`;
const HASH = 'ab'.repeat(32);

const soroban = {
  max_resource_fee: '0.5',
  max_authorization_seconds: 900,
  ledger_clock: { ledger: 123_456, closed_at: '2026-11-21T00:00:00Z', seconds_per_ledger: 5.5 },
};
const token = { max_per_payout: '1', decimals: 6, wasm_hash: HASH };
const stellar = {
  network_passphrase: PASSPHRASE,
  account: ACCOUNT,
  channels: [CHANNEL],
  destinations: [RECIPIENT, VAULT],
  assets: { [XLM]: { max_per_payout: '1' }, [USD]: { max_per_payout: '2.5' }, [SEP41]: token },
  max_fee: '0.1',
  max_lifetime_seconds: 300,
  allow_create_account: false,
  soroban,
};
const fileWith = (change: object) => ({
  version: 1,
  environment: 'test',
  keys: { k: { callers: {}, stellar: { ...stellar, ...change } } },
});
const clock = (change: object) => ({ soroban: { ...soroban, ledger_clock: { ...soroban.ledger_clock, ...change } } });
const rules = (change: object) => ({ soroban: { ...soroban, ...change } });
const sep41 = (contract: string) => `stellar:testnet/sep41:${contract}`;

function issuesOf(change: object): string[] {
  const result = policySchema.safeParse(fileWith(change));
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe('the soroban part of a key', () => {
  test('is read in stroops, seconds and ledgers, with the contract of every listed asset', () => {
    const policy = policySchema.parse(fileWith({})).keys.get('k');
    expect(policy).toMatchObject({
      destinations: {
        kind: 'listed',
        memos: new Map([
          [RECIPIENT, 'none'],
          [VAULT, 'none'],
        ]),
      },
      assets: new Map([
        [XLM, { maxPerPayout: 10_000_000n, decimals: 7, windows: [] }],
        [USD, { maxPerPayout: 25_000_000n, decimals: 7, windows: [], issuer: RECIPIENT }],
        [SEP41, { maxPerPayout: 1_000_000n, decimals: 6, windows: [] }],
      ]),
      soroban: {
        maxResourceFee: 5_000_000n,
        maxAuthorizationSeconds: 900n,
        ledgerClock: { ledger: 123_456n, closedAt: 1_795_219_200n, secondsPerLedger: 5.5 },
        contracts: new Map([
          ['CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC', { asset: XLM }],
          [assetContract(PASSPHRASE, USD), { asset: USD }],
          [TOKEN, { asset: SEP41, wasmHash: HASH }],
        ]),
      },
    });
  });

  test('is not there where the file has none', () => {
    const change = { soroban: undefined, destinations: [RECIPIENT], assets: { [USD]: { max_per_payout: '1' } } };
    expect(policySchema.parse(fileWith(change)).keys.get('k')).not.toHaveProperty('soroban');
  });

  test('takes the largest amount that a token can move', () => {
    const change = {
      assets: { [SEP41]: { ...token, decimals: 38, max_per_payout: '1.70141183460469231731687303715884105727' } },
    };
    expect(issuesOf(change)).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    ['an unknown word', rules({ colour: 'red' }), /^keys.k.stellar.soroban: Unrecognized key: "colour"/],
    ['an unknown word of the clock', clock({ zone: 'UTC' }), /ledger_clock: Unrecognized key: "zone"/],
    ['no resource fee', rules({ max_resource_fee: undefined }), /soroban.max_resource_fee: /],
    ['a resource fee that is no amount', rules({ max_resource_fee: '-1' }), /soroban.max_resource_fee: /],
    ['a resource fee beyond uint32', rules({ max_resource_fee: '429.4967296' }), /soroban.max_resource_fee: /],
    ['an authorization without life', rules({ max_authorization_seconds: 0 }), /max_authorization_seconds: /],
    ['an authorization beyond a day', rules({ max_authorization_seconds: 86_401 }), /max_authorization_seconds: /],
    ['ledger 0', clock({ ledger: 0 }), /ledger_clock.ledger: /],
    ['a time without a zone', clock({ closed_at: '2026-11-21T00:00:00' }), /closed_at: expected a time in UTC/],
    ['a time in another zone', clock({ closed_at: '2026-11-21T00:00:00+01:00' }), /closed_at: expected a time in UTC/],
    ['a time that is none', clock({ closed_at: '2026-02-30T00:00:00Z' }), /closed_at: expected a time in UTC/],
    ['no pace', clock({ seconds_per_ledger: 0 }), /seconds_per_ledger: /],
    ['an endless pace', clock({ seconds_per_ledger: Number.POSITIVE_INFINITY }), /seconds_per_ledger: /],
    [
      'no decimals of a token',
      { assets: { [SEP41]: { ...token, decimals: undefined } } },
      /decimals: is required for sep41/,
    ],
    [
      'no code of a token',
      { assets: { [SEP41]: { ...token, wasm_hash: undefined } } },
      /wasm_hash: is required for sep41/,
    ],
    [
      'code in capitals',
      { assets: { [SEP41]: { ...token, wasm_hash: HASH.toUpperCase() } } },
      /wasm_hash: expected a SHA-256/,
    ],
    [
      'more than a token can move',
      { assets: { [SEP41]: { ...token, decimals: 38, max_per_payout: '1.70141183460469231731687303715884105728' } } },
      /max_per_payout: /,
    ],
    [
      'the contract of lumens as a token',
      { assets: { [sep41(assetContract(PASSPHRASE, XLM))]: token } },
      /assets.*: this is the contract of stellar:testnet\/slip44:148/,
    ],
    [
      'the contract of a listed asset as a token',
      { assets: { [sep41(assetContract(PASSPHRASE, USD))]: token, [USD]: { max_per_payout: '1' } } },
      /assets.*: this is the contract of stellar:testnet\/asset:USD/,
    ],
    [
      'a token without soroban',
      { soroban: undefined, destinations: [] },
      /assets.*sep41.*: a token contract is called under/,
    ],
    ['a contract as destination without soroban', { soroban: undefined }, /destinations.1: expected an account/],
    ['a token as destination', { destinations: [TOKEN] }, /destinations.0: expected a holder/],
    [
      'the contract of a listed asset as destination',
      { destinations: [assetContract(PASSPHRASE, USD)] },
      /destinations.0: expected a holder/,
    ],
  ])('refuses %s, naming the field', (_, change, problem) => {
    expect(issuesOf(change)).toContainEqual(expect.stringMatching(problem));
  });

  test('knows the contract of an asset by what is listed alone', () => {
    expect(issuesOf({ assets: { [sep41(assetContract(PASSPHRASE, EUR))]: token } })).toEqual([]);
  });
});
