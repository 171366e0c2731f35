import { chainsDocument, type Paths, policyDocument } from '../stack/configuration.ts';
import type { StackKeys } from '../stack/keys.ts';
import { EVM, STELLAR } from '../stack/networks.ts';
import type { Recipients } from '../stack/recipients.ts';

/** Every key signs in KMS: no seed is in anybody's environment. */
export const KMS_PATHS: Paths = { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' };

/** KEYS_FILE: keys that are in KMS and nowhere else. */
export function composeKeys(keys: StackKeys, kmsKeys: Readonly<Record<keyof Paths, string>>) {
  const entry = (algorithm: string, publicKey: Uint8Array, key: string) => ({
    algorithm,
    public_key: Buffer.from(publicKey).toString('hex'),
    custodies: { kms: { backend: 'aws-kms', key } },
  });
  return {
    keys: {
      'treasury-stellar': entry('ed25519', keys.stellar.publicKey, kmsKeys['treasury-stellar']),
      'treasury-evm': entry('secp256k1', keys.evm.publicKey, kmsKeys['treasury-evm']),
    },
  };
}

/** POLICY_FILE: that of the stack, for the native assets alone; the tokens of the stack are not on these chains. */
export function composePolicy(keys: StackKeys, recipients: Recipients) {
  const policy = policyDocument(keys, { ...recipients, contracts: [] });
  const { 'treasury-stellar': stellar, 'treasury-evm': evm } = policy.keys;
  const { soroban: _, ...classic } = stellar.stellar;
  const only = <Limits>(assets: Readonly<Record<string, Limits>>, wanted: string) =>
    Object.fromEntries(Object.entries(assets).filter(([asset]) => asset === wanted));
  return {
    ...policy,
    keys: {
      'treasury-stellar': {
        ...stellar,
        stellar: { ...classic, assets: only(classic.assets, STELLAR.nativeAsset) },
      },
      'treasury-evm': { ...evm, evm: { ...evm.evm, assets: only(evm.evm.assets, EVM.nativeAsset) } },
    },
  };
}

/** CHAINS_FILE: that of the stack, for the native assets alone. */
export function composeChains(keys: StackKeys, nodes: { readonly stellar: string; readonly evm: string }) {
  const { chains } = chainsDocument(keys, nodes);
  return {
    chains: chains.map(({ assets: _, treasuries, ...chain }) => ({
      ...chain,
      treasuries: treasuries.map((treasury) => {
        const { soroban: __, ...classic } = { soroban: undefined, ...treasury };
        return classic;
      }),
    })),
  };
}
