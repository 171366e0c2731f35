import { createAwsKmsProvider } from './aws-kms/provider.ts';
import type { Algorithm, Backend } from './backend.ts';
import type { KmsCustody } from './keys-config.ts';
import type { Provider } from './provider.ts';
import type { Surroundings } from './surroundings.ts';

/** All places where keys live, each connected when the first key of it is asked for. */
export function createProviders({ aws, env, onCircuit = () => {} }: Surroundings): Provider<KmsCustody> {
  const connected = new Map<string, Provider<KmsCustody>>();
  const connect = (custody: KmsCustody): Provider<KmsCustody> => {
    switch (custody.backend) {
      case 'aws-kms':
        return createAwsKmsProvider(aws, env, (isOpen) => onCircuit('aws-kms', isOpen));
    }
  };
  const providerOf = (custody: KmsCustody) => {
    const known = connected.get(custody.backend) ?? connect(custody);
    connected.set(custody.backend, known);
    return known;
  };
  return {
    open: async (custody: KmsCustody, algorithm: Algorithm, signal: AbortSignal): Promise<Backend> =>
      providerOf(custody).open(custody, algorithm, signal),
    examine: async (custody, algorithm, signal) =>
      (await providerOf(custody).examine?.(custody, algorithm, signal)) ?? [],
    close: async () => void (await Promise.all([...connected.values()].map((provider) => provider.close()))),
  };
}
