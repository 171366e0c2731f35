import type { Algorithm } from '../backend.ts';
import { CustodyError } from '../error.ts';
import { isThere } from '../opening.ts';
import type { VaultClient } from './vault-client.ts';
import type { VaultCustody } from './vault-config.ts';
import { assertAlgorithm, atStart } from './vault-transit.ts';

/**
 * Makes a key that cannot be read out (https://developer.hashicorp.com/vault/api-docs/secret/transit#create-key). Transit
 * answers a name that is taken with the key that has it, so it is asked first; a call that is made twice makes one key.
 * @throws CustodyError `MISCONFIGURED`, or `UNAVAILABLE` when Vault does not answer
 */
export async function generateTransitKey(
  client: VaultClient,
  { key, version }: Pick<VaultCustody, 'key' | 'version'>,
  algorithm: Algorithm,
  signal: AbortSignal,
): Promise<void> {
  assertAlgorithm(algorithm);
  if (version !== undefined && version !== 1) {
    throw new CustodyError('MISCONFIGURED', `vault-transit: version: expected 1 of a new key, got ${version}`);
  }
  const path = `${client.mount}/keys/${key}`;
  if (await isThere(() => atStart(signal, () => client.read(path, signal)), 'Status404')) {
    throw new CustodyError('MISCONFIGURED', `vault-transit: key: expected a name that is free, got ${key}`);
  }
  const terms = { type: 'ed25519', derived: false, exportable: false, allow_plaintext_backup: false };
  await atStart(signal, () => client.write(path, terms, signal));
}
