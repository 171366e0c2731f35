import { describe, expect, test } from '@jest/globals';
import {
  ACCOUNT,
  CALLER,
  CHANNEL,
  ERC20,
  EVM_RECIPIENT,
  EVM as evm,
  evmFile,
  fileOf,
  issuesOf,
  load,
  MUXED_ACCOUNT,
  RECIPIENT,
  STELLAR as stellar,
  stellarFile,
} from '../testing/files.ts';

const USD = `stellar:testnet/asset:USD-${RECIPIENT}`;
const HASH = 'ab'.repeat(32);
const ZERO = 'GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF';

const file = {
  version: 1,
  environment: 'test',
  keys: {
    'treasury-stellar': { callers: { [CALLER]: ['payout'] }, stellar },
    'treasury-evm': { callers: { [CALLER]: ['payout', 'cancel'] }, evm },
  },
};

describe('policySchema', () => {
  test('reads amounts in the smallest unit and addresses in their canonical form', () => {
    const { keys, version } = load(file);
    expect(version).toBe(1);
    expect(keys.get('treasury-stellar')).toMatchObject({
      kind: 'stellar',
      chain: 'stellar:testnet',
      account: ACCOUNT,
      channels: new Set([CHANNEL]),
      destinations: { kind: 'listed', memos: new Map([[RECIPIENT, 'none']]) },
      assets: new Map([['stellar:testnet/slip44:148', { maxPerPayout: 10_005_000_000n, decimals: 7, windows: [] }]]),
      maxFee: 1_000_000n,
      maxLifetime: 300n,
    });
    expect(keys.get('treasury-evm')).toMatchObject({
      kind: 'evm',
      chain: 'eip155:31337',
      callers: new Map([[CALLER, new Set(['payout', 'cancel'])]]),
      destinations: { kind: 'listed', memos: new Map([[EVM_RECIPIENT, 'none']]) },
      assets: new Map([['eip155:31337/slip44:60', { maxPerPayout: 10n ** 19n, decimals: 18, windows: [] }]]),
      maxFeePerGas: 500_000_000_000n,
      maxNoncesAhead: 16n,
    });
  });

  test.each<[string, unknown, RegExp]>([
    ['an unknown word', { ...file, colour: 'red' }, /^colour: unknown word/],
    ['an unknown word in a key', stellarFile({ max_fees: '1' }), /^keys.k.stellar.max_fees: unknown word/],
    ['a missing limit', stellarFile({ max_fee: undefined }), /^keys.k.stellar.max_fee: /],
    ['a fee that is no amount', stellarFile({ max_fee: '1e3' }), /^keys.k.stellar.max_fee: /],
    ['no channel', stellarFile({ channels: [] }), /^keys.k.stellar.channels: /],
    ['a bad channel', stellarFile({ channels: ['GABC'] }), /^keys.k.stellar.channels.0: /],
    ['the account as a channel', stellarFile({ channels: [ACCOUNT] }), /channels: expected accounts other than/],
    ['a bad account', stellarFile({ account: RECIPIENT.slice(1) }), /^keys.k.stellar.account: /],
    ['a bad destination', stellarFile({ destinations: ['x'] }), /^keys.k.stellar.destinations.0: /],
    ['our account as a destination', stellarFile({ destinations: [ACCOUNT] }), /destinations.0: .*not our own/],
    ['our account behind a muxed one', stellarFile({ destinations: [MUXED_ACCOUNT] }), /destinations.0: .*not our own/],
    ['our channel as a destination', stellarFile({ destinations: [CHANNEL] }), /destinations.0: .*not our own/],
    [
      'an asset that we issue ourselves',
      stellarFile({ assets: { [`stellar:testnet/asset:USD-${ACCOUNT}`]: { max_per_payout: '1' } } }),
      /assets.*USD-.*expected an issuer that is not our own account/,
    ],
    ['nobody as a Stellar destination', stellarFile({ destinations: [ZERO] }), /destinations.0: .*somebody/],
    ['a word for destinations', stellarFile({ destinations: 'all' }), /^keys.k.stellar.destinations: expected a list/],
    [
      'an asset of another chain',
      stellarFile({ assets: evm.assets }),
      /assets.eip155:31337\/slip44:60: expected an asset of stellar:testnet/,
    ],
    ['an unknown asset', stellarFile({ assets: { gold: { max_per_payout: '1' } } }), /assets.gold: /],
    [
      'a limit with too many decimals',
      stellarFile({ assets: { 'stellar:testnet/slip44:148': { max_per_payout: '0.00000001' } } }),
      /max_per_payout: /,
    ],
    ['a chain without a name', stellarFile({ network_passphrase: '\ud800' }), /^keys.k.stellar.network_passphrase: /],
    [
      'decimals of an issued asset',
      stellarFile({ assets: { [USD]: { max_per_payout: '1', decimals: 7 } } }),
      /assets.*USD-.*decimals: does not belong to issued assets/,
    ],
    [
      'decimals of a native asset',
      evmFile({ assets: { 'eip155:31337/slip44:60': { max_per_payout: '1', decimals: 18 } } }),
      /decimals: does not belong to native assets/,
    ],
    [
      'code of an issued asset',
      stellarFile({ assets: { [USD]: { max_per_payout: '1', wasm_hash: HASH } } }),
      /wasm_hash: does not belong to issued assets/,
    ],
    [
      'an issued asset beyond int64',
      stellarFile({ assets: { [USD]: { max_per_payout: '922337203685.4775808' } } }),
      /USD.*max_per_payout: /,
    ],
    [
      'no decimals of a token',
      evmFile({ assets: { [ERC20]: { max_per_payout: '1' } } }),
      /erc20.*decimals: is required/,
    ],
    [
      'code of an ERC-20 token',
      evmFile({ assets: { [ERC20]: { max_per_payout: '1', decimals: 6, wasm_hash: HASH } } }),
      /erc20.*wasm_hash: does not belong to erc20 assets/,
    ],
    [
      'more decimals than a token can have',
      evmFile({ assets: { [ERC20]: { max_per_payout: '1', decimals: 39 } } }),
      /erc20.*decimals: /,
    ],
    [
      'a token beyond its decimals',
      evmFile({ assets: { [ERC20]: { max_per_payout: '0.0000001', decimals: 6 } } }),
      /erc20.*max_per_payout: /,
    ],
    [
      'one token in two spellings',
      evmFile({
        assets: {
          [ERC20]: { max_per_payout: '1', decimals: 6 },
          [ERC20.toLowerCase()]: { max_per_payout: '2', decimals: 6 },
        },
      }),
      /erc20.*: expected eip155:31337\/erc20:.* only once/,
    ],
    [
      'a listed token as a destination',
      evmFile({ assets: { [ERC20]: { max_per_payout: '1', decimals: 6 } }, destinations: [ERC20.slice(-42)] }),
      /destinations.0: expected a holder/,
    ],
    ['nobody as a destination', evmFile({ destinations: [`0x${'0'.repeat(40)}`] }), /destinations.0: .*somebody/],
    ['a lifetime beyond an hour', stellarFile({ max_lifetime_seconds: 3601 }), /max_lifetime_seconds: /],
    ['a bad EVM destination', evmFile({ destinations: ['0x00'] }), /^keys.k.evm.destinations.0: /],
    [
      'a destination with a wrong checksum',
      evmFile({ destinations: ['0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266'] }),
      /destinations.0: /,
    ],
    ['a fee cap as a number', evmFile({ max_fee_per_gas: 5 }), /^keys.k.evm.max_fee_per_gas: /],
    ['a fee cap with a sign', evmFile({ max_fee_per_gas: '-5' }), /max_fee_per_gas: expected a decimal integer/],
    ['a gas limit below a transfer', evmFile({ max_gas_limit: 20_999 }), /max_gas_limit: /],
    ['no window of nonces', evmFile({ max_nonces_ahead: 0 }), /max_nonces_ahead: /],
    ['a caller that is no SPIFFE ID', fileOf({ callers: { api: ['payout'] }, evm }), /callers/],
    ['an unknown purpose', fileOf({ callers: { [CALLER]: ['steal'] }, evm }), /^keys.k.callers.*: /],
    [
      'a cancel on Stellar',
      fileOf({ callers: { [CALLER]: ['cancel'] }, stellar }),
      /callers.*: `cancel` exists on EVM alone/,
    ],
    ['two kinds in one key', fileOf({ callers: {}, evm, stellar }), /^keys.k: expected exactly one/],
    ['no kind in a key', fileOf({ callers: {} }), /^keys.k: expected exactly one/],
    ['no version', { ...file, version: undefined }, /^version: /],
  ])('refuses %s, naming the field', (_, value, problem) => {
    expect(issuesOf(value)).toContainEqual(expect.stringMatching(problem));
  });

  test('one load shows every mistake', () => {
    const change = { account: 'x', max_fee: 'y', destinations: ['z', RECIPIENT, 'w'] };
    expect(issuesOf(stellarFile(change)).map((text) => text.split(':')[0])).toEqual([
      'keys.k.stellar.account',
      'keys.k.stellar.destinations.0',
      'keys.k.stellar.destinations.2',
      'keys.k.stellar.max_fee',
    ]);
  });
});
