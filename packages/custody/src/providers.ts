import { type AwsKmsCustody, createAwsKmsProvider } from './aws-kms/provider.ts';
import type { Algorithm, Backend } from './backend.ts';
import { CustodyError } from './error.ts';
import type { Finding } from './finding.ts';
import type { KmsCustody, Places } from './keys-config.ts';
import type { Pkcs11Custody } from './pkcs11/find-key.ts';
import { createPkcs11Provider } from './pkcs11/provider.ts';
import type { Provider } from './provider.ts';
import type { Surroundings } from './surroundings.ts';
import { createVaultTransitProvider } from './vault-transit/provider.ts';
import type { VaultCustody } from './vault-transit/vault-config.ts';

/** One key in its place; what the place cannot do is absent. */
export interface PlacedKey {
  open(algorithm: Algorithm, signal: AbortSignal): Promise<Backend>;
  readonly generate?: (algorithm: Algorithm, signal: AbortSignal) => Promise<void>;
  readonly pin?: (signal: AbortSignal) => Promise<KmsCustody>;
  readonly examine?: (algorithm: Algorithm, signal: AbortSignal) => Promise<readonly Finding[]>;
}

/** All places where keys live, each connected when the first key of it is asked for. */
export interface Providers {
  /** @throws CustodyError `MISCONFIGURED` where the place of the key cannot be connected */
  at(custody: KmsCustody): PlacedKey;
  close(): Promise<void>;
}

export function createProviders(
  { aws, env, onCircuit = () => {} }: Surroundings,
  { tokens = {}, vaults = {} }: Places,
): Providers {
  const { mode } = aws;
  const told =
    (...place: readonly string[]) =>
    (isOpen: boolean) =>
      onCircuit(place.join(' '), isOpen);
  const kms = connectedOnce<AwsKmsCustody>(() => createAwsKmsProvider(aws, env, told('aws-kms')));
  const hsm = connectedOnce<Pkcs11Custody>((name) =>
    createPkcs11Provider(placeIn(tokens, 'tokens', name), env, told('pkcs11', name)),
  );
  const transit = connectedOnce<VaultCustody>((name) =>
    createVaultTransitProvider(placeIn(vaults, 'vaults', name), { mode }, told('vault-transit', name)),
  );
  return {
    at(custody) {
      switch (custody.backend) {
        case 'aws-kms':
          return placed(kms.at(''), custody);
        case 'pkcs11':
          return placed(hsm.at(custody.token), custody);
        case 'vault-transit':
          return placed(transit.at(custody.vault), custody);
      }
    },
    close: async () => void (await Promise.all([kms.close(), hsm.close(), transit.close()])),
  };
}

function placed<Custody>(provider: Provider<Custody>, custody: Custody & KmsCustody): PlacedKey {
  const { generate, pin, examine } = provider;
  return {
    open: (algorithm, signal) => provider.open(custody, algorithm, signal),
    ...(generate && { generate: (algorithm, signal) => generate(custody, algorithm, signal) }),
    ...(pin && { pin: async (signal) => ({ ...custody, ...(await pin(custody, signal)) }) }),
    ...(examine && { examine: (algorithm, signal) => examine(custody, algorithm, signal) }),
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
