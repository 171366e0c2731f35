import type { Algorithm, Backend } from './backend.ts';
import { openEnvBackend } from './env/env.ts';
import { CustodyError } from './error.ts';
import type { KeyConfig, Places } from './keys-config.ts';
import { createProviders } from './providers.ts';
import type { Surroundings } from './surroundings.ts';

export interface AskedKey {
  readonly algorithm: Algorithm;
  readonly custodies: KeyConfig['custodies'];
  readonly places: Places;
  /** Whether it is made first, in the place that its `kms` custody names. */
  readonly isNew: boolean;
}

export interface LoadedKey {
  /** Hex. */
  readonly publicKey: string;
  /** As KEYS_FILE has to name them, so that they lead to this key for good. */
  readonly custodies: KeyConfig['custodies'];
}

/**
 * The public key that all custodies of a key hold, each of which is opened and closed again.
 * @throws CustodyError, `MISCONFIGURED` where two custodies hold different keys, or the place makes none
 */
export async function loadKey(
  { algorithm, custodies: { legacy, kms }, places, isNew }: AskedKey,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<LoadedKey> {
  const providers = createProviders(surroundings, places);
  try {
    const place = kms && providers.at(kms);
    if (isNew) {
      if (place?.generate === undefined) {
        throw new CustodyError(
          'MISCONFIGURED',
          `${kms?.backend ?? 'env'}: expected a place that makes keys, which it does not`,
        );
      }
      await place.generate(algorithm, signal);
    }
    const pinned = (await place?.pin?.(signal)) ?? kms;
    const found = [
      ...(legacy === undefined
        ? []
        : [await publicKeyOf(openEnvBackend(algorithm, legacy.variable, surroundings.env))]),
      ...(pinned === undefined ? [] : [await publicKeyOf(await providers.at(pinned).open(algorithm, signal))]),
    ];
    const [first = '', ...others] = found;
    const other = others.find((one) => one !== first);
    if (other === undefined) {
      return { publicKey: first, custodies: { ...(legacy && { legacy }), ...(pinned && { kms: pinned }) } };
    }
    throw new CustodyError('MISCONFIGURED', `public key: expected one in both custodies, got ${first} and ${other}`);
  } finally {
    await providers.close();
  }
}

async function publicKeyOf(backend: Backend): Promise<string> {
  const key = Buffer.from(backend.publicKey).toString('hex');
  await backend.close();
  return key;
}
