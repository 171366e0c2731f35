import { type AwsKmsCustody, createAwsKmsProvider } from './aws-kms/provider.ts';
import type { Algorithm, Backend } from './backend.ts';
import { CustodyError } from './error.ts';
import type { KmsCustody, Places } from './keys-config.ts';
import type { Provider } from './provider.ts';
import type { Surroundings } from './surroundings.ts';
import { createVaultTransitProvider } from './vault-transit/provider.ts';
import type { VaultCustody } from './vault-transit/vault-config.ts';

/** All places where keys live, each connected when the first key of it is asked for. */
export function createProviders(
  { aws, env, onCircuit = () => {} }: Surroundings,
  { vaults = {} }: Places,
): Provider<KmsCustody> {
  const { mode } = aws;
  const told = (backend: Backend['name']) => (isOpen: boolean) => onCircuit(backend, isOpen);
  const kms = connectedOnce<AwsKmsCustody>(() => createAwsKmsProvider(aws, env, told('aws-kms')));
  const transit = connectedOnce<VaultCustody>((name) =>
    createVaultTransitProvider(placeIn(vaults, 'vaults', name), { mode }, told('vault-transit')),
  );
  const placed = (custody: KmsCustody) => {
    switch (custody.backend) {
      case 'aws-kms':
        return bound(kms.at(''), custody);
      case 'vault-transit':
        return bound(transit.at(custody.vault), custody);
    }
  };
  return {
    open: async (custody, algorithm, signal) => placed(custody).open(algorithm, signal),
    examine: async (custody, algorithm, signal) => (await placed(custody).examine(algorithm, signal)) ?? [],
    close: async () => void (await Promise.all([kms.close(), transit.close()])),
  };
}

/** A provider with the key that is meant. */
function bound<Custody>(provider: Provider<Custody>, custody: Custody) {
  return {
    open: (algorithm: Algorithm, signal: AbortSignal) => provider.open(custody, algorithm, signal),
    examine: (algorithm: Algorithm, signal: AbortSignal) => provider.examine?.(custody, algorithm, signal),
    generate: (algorithm: Algorithm, signal: AbortSignal) => provider.generate?.(custody, algorithm, signal),
  };
}

/** The providers of one kind, by the names of their places. */
function connectedOnce<Custody>(connect: (name: string) => Provider<Custody>) {
  const connected = new Map<string, Provider<Custody>>();
  return {
    at(name: string): Provider<Custody> {
      const provider = connected.get(name) ?? connect(name);
      connected.set(name, provider);
      return provider;
    },
    close: () => Promise.all([...connected.values()].map((provider) => provider.close())),
  };
}

function placeIn<Place>(places: Readonly<Record<string, Place>>, section: string, name: string): Place {
  const place = new Map(Object.entries(places)).get(name);
  if (place !== undefined) return place;
  throw new CustodyError('MISCONFIGURED', `${section}: expected one named ${name}, got none`);
}
