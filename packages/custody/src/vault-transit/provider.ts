import { type CircuitRule, createCircuitBreaker } from '../circuit-breaker.ts';
import type { Provider } from '../provider.ts';
import { BURST_SHARE, createQuota } from '../quota.ts';
import { examineTransitKey } from './examine.ts';
import { generateTransitKey } from './generate.ts';
import { createVaultClient, type VaultOptions } from './vault-client.ts';
import type { VaultCustody, VaultPlace } from './vault-config.ts';
import { openVaultTransitBackend, versionOf } from './vault-transit.ts';

export interface VaultProviderOptions extends VaultOptions {
  /** When the vault counts as down. */
  readonly circuit?: CircuitRule;
}

/**
 * The Transit engine of one vault. Its keys share what is asked of it in a second, and what is known of its health.
 * @throws CustodyError `MISCONFIGURED`
 */
export function createVaultTransitProvider(
  place: VaultPlace,
  options: VaultProviderOptions,
  onCircuit: (isOpen: boolean) => void,
): Provider<VaultCustody> {
  const client = createVaultClient(place, options);
  const { sign_per_second: perSecond } = place;
  const gate = {
    quota: createQuota({ perSecond, burst: Math.ceil(perSecond / BURST_SHARE) }),
    circuit: createCircuitBreaker(options.circuit, onCircuit),
  };
  return {
    open: ({ key, version }, algorithm, signal) =>
      openVaultTransitBackend(client, { algorithm, key, version, gate }, signal),
    pin: async (custody, signal) => ({ version: await versionOf(client, custody, signal) }),
    examine: ({ key }, _algorithm, signal) => examineTransitKey(client, key, signal),
    generate: (custody, algorithm, signal) => generateTransitKey(client, custody, algorithm, signal),
    close: async () => client.close(),
  };
}
