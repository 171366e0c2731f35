import { isDeepStrictEqual } from 'node:util';
import { CustodyError } from './error.ts';
import type { KeyConfig } from './keys-config.ts';

type Keys = Readonly<Record<string, KeyConfig>>;

/**
 * Whether a process that has the keys of one file can go on with those of another: they are the same keys, and each has the same
 * legacy custody. What may differ is their `kms` custody, which none may lose, and the places.
 * @throws CustodyError `MISCONFIGURED`, naming the key id
 */
export function assertSameKeys(before: Keys, after: Keys): void {
  const known = new Map(Object.entries(before));
  const next = new Map(Object.entries(after));
  for (const id of new Set([...known.keys(), ...next.keys()])) {
    const change = changeOf(known.get(id), next.get(id));
    if (change !== undefined) throw new CustodyError('MISCONFIGURED', `key ${id}: ${change}: that needs a restart`);
  }
}

function changeOf(before: KeyConfig | undefined, after: KeyConfig | undefined): string | undefined {
  if (before === undefined) return 'it is new';
  if (after === undefined) return 'it is gone';
  if (before.public_key !== after.public_key) return 'public_key is another';
  if (before.algorithm !== after.algorithm) return 'algorithm is another';
  if (!isDeepStrictEqual(before.custodies.legacy, after.custodies.legacy)) return 'custodies.legacy is another';
  return before.custodies.kms !== undefined && after.custodies.kms === undefined ? 'custodies.kms is gone' : undefined;
}
