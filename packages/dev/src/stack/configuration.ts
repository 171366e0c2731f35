import { stringify } from 'yaml';
import { SPIFFE_IDS } from '../pki/pki.ts';
import { assetsOf, USDC_DECIMALS } from './assets.ts';
import type { KeyId, StackKeys } from './keys.ts';
import { EVM, STELLAR } from './networks.ts';
import type { Recipients } from './recipients.ts';

/** Where a key's next signature is made. */
export type CustodyPath = 'legacy' | 'shadow' | 'kms';
export type Paths = Readonly<Record<KeyId, CustodyPath>>;

/** The variables of the signer's environment that hold the legacy seeds. */
export const SEED_VARIABLES: Readonly<Record<KeyId, string>> = {
  'treasury-stellar': 'LEGACY_SEED_TREASURY_STELLAR',
  'treasury-evm': 'LEGACY_SEED_TREASURY_EVM',
};

// 99 payments and the closing operation at the highest inclusion fee: 100 × 10,000 stroops = 0.1.
const MAX_INCLUSION_FEE = '10000';
const MAX_FEE = '0.1';
// Stroops for the contract call itself; 0.5 lumens, several times what a token transfer costs.
const MAX_RESOURCE_FEE = { stroops: '5000000', lumens: '0.5' };
const MAX_FEE_PER_GAS = '500000000000';

// No development reaches these: they are there so that what counts over time runs.
const HOUR = 3600;
const perHour = (maxAmount: string) => [{ seconds: HOUR, max_amount: maxAmount, max_count: 1_000_000 }];

/** KEYS_FILE: both custodies of a key hold the same private key, so the flag can move it. */
export function keysDocument(keys: StackKeys, kmsKeys: Readonly<Record<KeyId, string>>) {
  const entry = (id: KeyId, algorithm: string, publicKey: Uint8Array) => ({
    algorithm,
    public_key: Buffer.from(publicKey).toString('hex'),
    custodies: {
      legacy: { backend: 'env', variable: SEED_VARIABLES[id] },
      kms: { backend: 'aws-kms', key: kmsKeys[id] },
    },
  });
  return {
    keys: {
      'treasury-stellar': entry('treasury-stellar', 'ed25519', keys.stellar.publicKey),
      'treasury-evm': entry('treasury-evm', 'secp256k1', keys.evm.publicKey),
    },
  };
}

/**
 * POLICY_FILE: the API may pay the recipients, in the native assets and in both tokens; the first Stellar account with any memo
 * too, the others without one. `at`: when the ledger starts.
 */
export function policyDocument(keys: StackKeys, recipients: Recipients, at: Date = new Date()) {
  const assets = assetsOf(keys);
  const [exchange, ...people] = recipients.stellar;
  return {
    version: 1,
    environment: 'development',
    keys: {
      'treasury-stellar': {
        callers: { [SPIFFE_IDS.api]: ['payout'] },
        fee_budget: [{ seconds: HOUR, max: '100000' }],
        stellar: {
          network_passphrase: STELLAR.passphrase,
          account: keys.stellar.address,
          channels: keys.channels.map((channel) => channel.publicKey()),
          destinations: [
            ...(exchange === undefined ? [] : [{ address: exchange, memo: 'any' }]),
            ...people,
            ...recipients.contracts,
          ],
          assets: {
            [assets.xlm]: { max_per_payout: '1000', max_per_transaction: '99000', windows: perHour('100000000') },
            [assets.stellarUsdc]: { max_per_payout: '1000', windows: perHour('100000000') },
          },
          max_fee: MAX_FEE,
          max_lifetime_seconds: 300,
          allow_create_account: true,
          soroban: {
            max_resource_fee: MAX_RESOURCE_FEE.lumens,
            max_authorization_seconds: 900,
            // The dev ledger begins at its first ledger and closes one a second.
            ledger_clock: { ledger: 1, closed_at: at.toISOString(), seconds_per_ledger: 1 },
          },
        },
      },
      'treasury-evm': {
        callers: { [SPIFFE_IDS.api]: ['payout', 'cancel'] },
        fee_budget: [{ seconds: HOUR, max: '100000' }],
        evm: {
          chain_id: EVM.chainId,
          destinations: [...recipients.evm],
          assets: {
            [assets.eth]: { max_per_payout: '10', windows: perHour('1000000') },
            [assets.evmUsdc]: { max_per_payout: '1000', windows: perHour('100000000'), decimals: USDC_DECIMALS.evm },
          },
          max_gas_limit: 100_000,
          max_fee_per_gas: MAX_FEE_PER_GAS,
          max_priority_fee_per_gas: '50000000000',
          max_nonces_ahead: 16,
        },
      },
    },
  };
}

/** FLAGS_FILE: the custody path of each key. */
export function flagsDocument(paths: Paths) {
  return { paths: { ...paths } };
}

/** CHAINS_FILE: the nodes and the treasuries, as the API sees them. */
export function chainsDocument(keys: StackKeys, nodes: { readonly stellar: string; readonly evm: string }) {
  const assets = assetsOf(keys);
  return {
    chains: [
      {
        chain: STELLAR.chain,
        network_passphrase: STELLAR.passphrase,
        rpc_url: nodes.stellar,
        assets: [{ asset: assets.stellarUsdc }],
        treasuries: [
          {
            key: 'treasury-stellar',
            account: keys.stellar.address,
            channels: keys.channels.map((channel) => channel.publicKey()),
            inclusion_fee: '100',
            max_inclusion_fee: MAX_INCLUSION_FEE,
            lifetime_seconds: 120,
            soroban: { authorization_ledgers: 300, max_resource_fee: MAX_RESOURCE_FEE.stroops },
          },
        ],
      },
      {
        chain: EVM.chain,
        rpc_url: nodes.evm,
        finality: 'finalized',
        assets: [{ asset: assets.evmUsdc, decimals: USDC_DECIMALS.evm }],
        treasuries: [
          {
            key: 'treasury-evm',
            address: keys.evm.address,
            max_fee_per_gas: MAX_FEE_PER_GAS,
            replace_after_seconds: 30,
          },
        ],
      },
    ],
  };
}

/** YAML without anchors, which the services refuse. */
export function toYaml(document: unknown): string {
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 });
}
