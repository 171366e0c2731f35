import { ConfigError } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { type KeyPolicy, type Policy, policySchema } from '../src/schema.ts';

export const ACCOUNT = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
/** The account, with the ids 2^63 and 0 (SEP-23). */
export const MUXED_ACCOUNT = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
export const OTHER_MUXED_ACCOUNT = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ';
export const CHANNEL = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
export const RECIPIENT = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
export const STRANGER = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
export const VAULT = 'CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2KM';
export const EVM_RECIPIENT = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
export const CALLER = 'spiffe://countersign.dev/api';
export const XLM = 'stellar:testnet/slip44:148';
export const USD = `stellar:testnet/asset:USD-${STRANGER}`;
export const ETH = 'eip155:31337/slip44:60';
export const ERC20 = 'eip155:31337/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';

export const STELLAR = {
  network_passphrase: 'Test SDF Network ; September 2015',
  account: ACCOUNT,
  channels: [CHANNEL],
  destinations: [RECIPIENT] as unknown,
  assets: { [XLM]: { max_per_payout: '1000.5' } } as Record<string, unknown>,
  max_fee: '0.1',
  max_lifetime_seconds: 300,
  allow_create_account: true,
};
export const SOROBAN = {
  max_resource_fee: '0.5',
  max_authorization_seconds: 900,
  ledger_clock: { ledger: 123_456, closed_at: '2026-11-21T00:00:00Z', seconds_per_ledger: 5.5 },
};
export const EVM = {
  chain_id: 31337,
  destinations: [EVM_RECIPIENT.toLowerCase()] as unknown,
  assets: { [ETH]: { max_per_payout: '10' } } as Record<string, unknown>,
  max_gas_limit: 100_000,
  max_fee_per_gas: '500000000000',
  max_priority_fee_per_gas: '2000000000',
  max_nonces_ahead: 16,
};

/** Public keys of OpenSSH: two of Ed25519, one of ECDSA. */
export const SSH_KEYS = {
  alice: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICAhrL5/Cf8WDR1MaqiLUIjoYIBmdvqKgkaVOcseP5XU alice@example.org',
  bob: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKJnBoI29fx96lATN4zdyxcYErW0LXcxaRkYhPDPrCQr',
  clara:
    'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBF31n3R/xxm1zauUxV/PyS/ZkB1Df3ChUR0khQvpBqCONLly7MfHTskdNC17Sx65i2Rlhyx7RgSXUQfqAKUArLA=',
};

/** A file with one key `k`: `change` replaces words of its chain's part, `key` adds words beside it. */
export const stellarFile = (change: object = {}, key: object = {}) =>
  fileOf({ callers: { [CALLER]: ['payout'] }, ...key, stellar: { ...STELLAR, ...change } });
export const evmFile = (change: object = {}, key: object = {}) =>
  fileOf({ callers: { [CALLER]: ['payout', 'cancel'] }, ...key, evm: { ...EVM, ...change } });

export const fileOf = (k: object) => ({ version: 1, environment: 'test', keys: { k } });

/** Loads a file as the signer does. @throws ConfigError */
export const load = (file: unknown): Policy => parseYaml(JSON.stringify(file), policySchema, 'policy.yaml');

export function keyOf(file: unknown): KeyPolicy {
  const key = load(file).keys.get('k');
  if (key === undefined) throw new Error('expected the key k');
  return key;
}

/** What is wrong with the file, each as `field: problem`. */
export function issuesOf(file: unknown): string[] {
  try {
    load(file);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ problem }) => problem);
    throw error;
  }
}
