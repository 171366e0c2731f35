import { describe, expect, test } from '@jest/globals';
import { type Policy, policySchema } from './schema.ts';

const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const MUXED_ACCOUNT = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
const CHANNEL = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const RECIPIENT = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const PASSPHRASE = 'Test SDF Network ; September 2015';
const CALLER = 'spiffe://countersign.dev/api';

const USD = `stellar:testnet/asset:USD-${RECIPIENT}`;
const ERC20 = 'eip155:31337/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
const HASH = 'ab'.repeat(32);

const stellar = {
  network_passphrase: PASSPHRASE,
  account: ACCOUNT,
  channels: [CHANNEL],
  destinations: [RECIPIENT],
  assets: { 'stellar:testnet/slip44:148': { max_per_payout: '1000.5' } },
  max_fee: '0.1',
  max_lifetime_seconds: 300,
  allow_create_account: true,
};
const evm = {
  chain_id: 31337,
  destinations: ['0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'],
  assets: { 'eip155:31337/slip44:60': { max_per_payout: '10' } },
  max_gas_limit: 100_000,
  max_fee_per_gas: '500000000000',
  max_priority_fee_per_gas: '2000000000',
  max_nonces_ahead: 16,
};
const file = {
  version: 1,
  environment: 'test',
  keys: {
    'treasury-stellar': { callers: { [CALLER]: ['payout'] }, stellar },
    'treasury-evm': { callers: { [CALLER]: ['payout', 'cancel'] }, evm },
  },
};

function load(value: unknown): Policy {
  return policySchema.parse(value);
}

function issuesOf(value: unknown): string[] {
  const result = policySchema.safeParse(value);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

const withStellar = (change: object) => ({
  ...file,
  keys: { 'treasury-stellar': { callers: { [CALLER]: ['payout'] }, stellar: { ...stellar, ...change } } },
});
const withEvm = (change: object) => ({
  ...file,
  keys: { 'treasury-evm': { callers: { [CALLER]: ['payout'] }, evm: { ...evm, ...change } } },
});

describe('policySchema', () => {
  test('reads amounts in the smallest unit and addresses in their canonical form', () => {
    const { keys, version } = load(file);
    expect(version).toBe(1);
    expect(keys.get('treasury-stellar')).toMatchObject({
      kind: 'stellar',
      chain: 'stellar:testnet',
      account: ACCOUNT,
      channels: new Set([CHANNEL]),
      destinations: new Set([RECIPIENT]),
      assets: new Map([['stellar:testnet/slip44:148', { maxPerPayout: 10_005_000_000n, decimals: 7 }]]),
      maxFee: 1_000_000n,
      maxLifetime: 300n,
    });
    expect(keys.get('treasury-evm')).toMatchObject({
      kind: 'evm',
      chain: 'eip155:31337',
      callers: new Map([[CALLER, new Set(['payout', 'cancel'])]]),
      destinations: new Set(['0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266']),
      assets: new Map([['eip155:31337/slip44:60', { maxPerPayout: 10n ** 19n, decimals: 18 }]]),
      maxFeePerGas: 500_000_000_000n,
      maxNoncesAhead: 16n,
    });
  });

  test.each<[string, unknown, RegExp]>([
    ['an unknown word', { ...file, colour: 'red' }, /Unrecognized key: "colour"/],
    ['an unknown word in a key', withStellar({ max_fees: '1' }), /^keys.treasury-stellar.stellar: Unrecognized/],
    ['a missing limit', withStellar({ max_fee: undefined }), /^keys.treasury-stellar.stellar.max_fee: /],
    ['a fee that is no amount', withStellar({ max_fee: '1e3' }), /^keys.treasury-stellar.stellar.max_fee: /],
    ['no channel', withStellar({ channels: [] }), /^keys.treasury-stellar.stellar.channels: /],
    ['a bad channel', withStellar({ channels: ['GABC'] }), /^keys.treasury-stellar.stellar.channels.0: /],
    ['the account as a channel', withStellar({ channels: [ACCOUNT] }), /channels: expected accounts other than/],
    ['a bad account', withStellar({ account: RECIPIENT.slice(1) }), /^keys.treasury-stellar.stellar.account: /],
    ['a bad destination', withStellar({ destinations: ['x'] }), /^keys.treasury-stellar.stellar.destinations.0: /],
    ['our account as a destination', withStellar({ destinations: [ACCOUNT] }), /destinations.0: .*not our own/],
    ['our account behind a muxed one', withStellar({ destinations: [MUXED_ACCOUNT] }), /destinations.0: .*not our own/],
    ['our channel as a destination', withStellar({ destinations: [CHANNEL] }), /destinations.0: .*not our own/],
    [
      'an asset that we issue ourselves',
      withStellar({ assets: { [`stellar:testnet/asset:USD-${ACCOUNT}`]: { max_per_payout: '1' } } }),
      /assets.*USD-.*expected an issuer that is not our own account/,
    ],
    ['any destination', withStellar({ destinations: 'any' }), /^keys.treasury-stellar.stellar.destinations: /],
    [
      'an asset of another chain',
      withStellar({ assets: evm.assets }),
      /assets.eip155:31337\/slip44:60: expected an asset of stellar:testnet/,
    ],
    ['an unknown asset', withStellar({ assets: { gold: { max_per_payout: '1' } } }), /assets.gold: /],
    [
      'a limit with too many decimals',
      withStellar({ assets: { 'stellar:testnet/slip44:148': { max_per_payout: '0.00000001' } } }),
      /max_per_payout: /,
    ],
    [
      'a chain without a name',
      withStellar({ network_passphrase: '\ud800' }),
      /^keys.treasury-stellar.stellar.network_passphrase: /,
    ],
    [
      'decimals of an issued asset',
      withStellar({ assets: { [USD]: { max_per_payout: '1', decimals: 7 } } }),
      /assets.*USD-.*decimals: does not belong to issued assets/,
    ],
    [
      'decimals of a native asset',
      withEvm({ assets: { 'eip155:31337/slip44:60': { max_per_payout: '1', decimals: 18 } } }),
      /decimals: does not belong to native assets/,
    ],
    [
      'code of an issued asset',
      withStellar({ assets: { [USD]: { max_per_payout: '1', wasm_hash: HASH } } }),
      /wasm_hash: does not belong to issued assets/,
    ],
    [
      'an issued asset beyond int64',
      withStellar({ assets: { [USD]: { max_per_payout: '922337203685.4775808' } } }),
      /USD.*max_per_payout: /,
    ],
    [
      'no decimals of a token',
      withEvm({ assets: { [ERC20]: { max_per_payout: '1' } } }),
      /erc20.*decimals: is required/,
    ],
    [
      'code of an ERC-20 token',
      withEvm({ assets: { [ERC20]: { max_per_payout: '1', decimals: 6, wasm_hash: HASH } } }),
      /erc20.*wasm_hash: does not belong to erc20 assets/,
    ],
    [
      'more decimals than a token can have',
      withEvm({ assets: { [ERC20]: { max_per_payout: '1', decimals: 39 } } }),
      /erc20.*decimals: /,
    ],
    [
      'a token beyond its decimals',
      withEvm({ assets: { [ERC20]: { max_per_payout: '0.0000001', decimals: 6 } } }),
      /erc20.*max_per_payout: /,
    ],
    [
      'one token in two spellings',
      withEvm({
        assets: {
          [ERC20]: { max_per_payout: '1', decimals: 6 },
          [ERC20.toLowerCase()]: { max_per_payout: '2', decimals: 6 },
        },
      }),
      /erc20.*: expected eip155:31337\/erc20:.* only once/,
    ],
    [
      'a listed token as a destination',
      withEvm({ assets: { [ERC20]: { max_per_payout: '1', decimals: 6 } }, destinations: [ERC20.slice(-42)] }),
      /destinations.0: expected a holder/,
    ],
    ['nobody as a destination', withEvm({ destinations: [`0x${'0'.repeat(40)}`] }), /destinations.0: .*somebody/],
    ['a lifetime beyond an hour', withStellar({ max_lifetime_seconds: 3601 }), /max_lifetime_seconds: /],
    ['a bad EVM destination', withEvm({ destinations: ['0x00'] }), /^keys.treasury-evm.evm.destinations.0: /],
    [
      'a destination with a wrong checksum',
      withEvm({ destinations: ['0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266'] }),
      /destinations.0: /,
    ],
    ['a fee cap as a number', withEvm({ max_fee_per_gas: 5 }), /^keys.treasury-evm.evm.max_fee_per_gas: /],
    ['a fee cap with a sign', withEvm({ max_fee_per_gas: '-5' }), /max_fee_per_gas: expected a decimal integer/],
    ['a gas limit below a transfer', withEvm({ max_gas_limit: 20_999 }), /max_gas_limit: /],
    ['no window of nonces', withEvm({ max_nonces_ahead: 0 }), /max_nonces_ahead: /],
    ['a caller that is no SPIFFE ID', { ...file, keys: { k: { callers: { api: ['payout'] }, evm } } }, /callers/],
    ['an unknown purpose', { ...file, keys: { k: { callers: { [CALLER]: ['steal'] }, evm } } }, /^keys.k.callers.*: /],
    [
      'a cancel on Stellar',
      { ...file, keys: { k: { callers: { [CALLER]: ['cancel'] }, stellar } } },
      /callers.*: `cancel` exists on EVM alone/,
    ],
    ['two kinds in one key', { ...file, keys: { k: { callers: {}, evm, stellar } } }, /^keys.k: expected exactly one/],
    ['no kind in a key', { ...file, keys: { k: { callers: {} } } }, /^keys.k: expected exactly one/],
    ['no version', { ...file, version: undefined }, /^version: /],
  ])('refuses %s, naming the field', (_, value, problem) => {
    expect(issuesOf(value)).toContainEqual(expect.stringMatching(problem));
  });

  test('one load shows every mistake', () => {
    const change = { account: 'x', max_fee: 'y', destinations: ['z', RECIPIENT, 'w'] };
    expect(issuesOf(withStellar(change)).map((text) => text.split(':')[0])).toEqual([
      'keys.treasury-stellar.stellar.account',
      'keys.treasury-stellar.stellar.destinations.0',
      'keys.treasury-stellar.stellar.destinations.2',
      'keys.treasury-stellar.stellar.max_fee',
    ]);
  });
});
