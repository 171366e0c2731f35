import { ConfigError } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { describe, expect, test } from '@jest/globals';
import type { Policy } from './policy.ts';
import { type KeyEntry, policyForKeys } from './policy-for-keys.ts';

// SEP-23, and the secp256k1 key 1.
const STELLAR_KEY = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const MUXED = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ';
const EVM_KEY = '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf';
const ACCOUNT = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const CHANNEL = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const OTHER_CHANNEL = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';

const keys: Readonly<Record<string, KeyEntry>> = {
  payer: { algorithm: 'ed25519', public_key: '3f0c34bf93ad0d9971d04ccc90f705511c838aad9734a4a2fb0d7a03fc7fe89a' },
  other: { algorithm: 'ed25519', public_key: '11'.repeat(32) },
  evm: {
    algorithm: 'secp256k1',
    public_key: '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  },
};

const limits = { max_per_payout: '1', windows: [{ seconds: 60, max_amount: '1', max_count: 1 }] };
const stellar = (channel: string, destinations: unknown) => ({
  callers: {},
  fee_budget: [{ seconds: 60, max: '1' }],
  stellar: {
    network_passphrase: 'Test SDF Network ; September 2015',
    account: ACCOUNT,
    channels: [channel],
    destinations,
    ...(destinations === 'any' && { memo: 'any' }),
    assets: { 'stellar:testnet/slip44:148': limits },
    max_fee: '0.1',
    max_lifetime_seconds: 300,
    allow_create_account: false,
  },
});
const evm = (destinations: unknown) => ({
  callers: {},
  fee_budget: [{ seconds: 60, max: '1' }],
  evm: {
    chain_id: 31337,
    destinations,
    assets: { 'eip155:31337/slip44:60': limits },
    max_gas_limit: 21_000,
    max_fee_per_gas: '1',
    max_priority_fee_per_gas: '1',
    max_nonces_ahead: 1,
  },
});

function check(destinations: { readonly stellar: unknown; readonly evm: unknown }): Policy {
  const file = {
    version: 1,
    environment: 'test',
    keys: {
      payer: stellar(CHANNEL, destinations.stellar),
      other: stellar(OTHER_CHANNEL, []),
      evm: evm(destinations.evm),
    },
  };
  return parseYaml(JSON.stringify(file), policyForKeys(keys, 0n), 'policy.yaml');
}

describe('accounts of our own', () => {
  test('where anybody may be paid, no key pays an account of ours: of any key, and of any policy', () => {
    const { keys } = check({ stellar: 'any', evm: 'any' });
    for (const policy of keys.values()) {
      const own = [...policy.neverPaid].flatMap(([address, why]) => (why === 'own' ? [address] : []));
      expect(own).toEqual(expect.arrayContaining([STELLAR_KEY, EVM_KEY, ACCOUNT, CHANNEL, OTHER_CHANNEL]));
    }
    // What the file itself says of tokens and of nobody stays.
    expect(keys.get('evm')?.neverPaid.get(`0x${'0'.repeat(40)}`)).toBe('nobody');
  });

  test.each([
    ['the key’s own account', { stellar: [STELLAR_KEY], evm: [] }, `keys.payer.stellar.destinations: ${STELLAR_KEY}`],
    [
      'a muxed one',
      { stellar: [{ address: MUXED, memo: 'none' }], evm: [] },
      `keys.payer.stellar.destinations: ${MUXED}`,
    ],
    [
      'the channel of another key',
      { stellar: [OTHER_CHANNEL], evm: [] },
      `keys.payer.stellar.destinations: ${OTHER_CHANNEL}`,
    ],
    ['an address with memos', { stellar: [{ address: OTHER_CHANNEL, memo: 'any' }], evm: [] }, OTHER_CHANNEL],
    [
      'the address of an EVM key',
      { stellar: [], evm: [EVM_KEY.toLowerCase()] },
      `keys.evm.evm.destinations: ${EVM_KEY}`,
    ],
  ])('refuses a list with %s', (_, destinations, problem) => {
    expect(() => check(destinations)).toThrow(ConfigError);
    expect(() => check(destinations)).toThrow(`${problem} is an account of our own`);
  });
});
