import { CustodyError } from '../error.ts';
import { assertPublicKey } from '../public-key.ts';
import { cleaned } from '../remote-text.ts';
import type { Data } from './vault-client.ts';

/** One version of a key of Transit: another version is another key. */
export interface TransitKey {
  readonly version: number;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * What a key has to be. `derived`: each context has a key of its own, and `public_key` is none of them. `exportable` and
 * `allow_plaintext_backup`: whoever has the permission reads the private key, and neither is ever switched off again.
 */
const WANTED = { type: 'ed25519', derived: false, exportable: false, allow_plaintext_backup: false } as const;

/**
 * Reads what Transit says of a key (https://developer.hashicorp.com/vault/api-docs/secret/transit#read-key), and refuses one that is
 * not fit.
 * @param wanted the version; without it the latest
 * @throws CustodyError `MISCONFIGURED`, naming the field
 */
export function transitKey(data: Data, wanted: number | undefined): TransitKey {
  for (const [field, expected] of Object.entries(WANTED)) {
    if (data[field] !== expected) throw refused(field, expected, data[field]);
  }
  // OpenBao's alone: a key on its way to deletion.
  if (data['soft_deleted'] === true) throw refused('soft_deleted', false, true);
  const version = wanted ?? Number(data['latest_version']);
  const { min_encryption_version: least } = data;
  if (typeof least === 'number' && version < least) throw refused('version', `at least ${least}`, version);
  const publicKey = new Uint8Array(Buffer.from(publicKeyText(data['keys'], version), 'base64'));
  assertPublicKey('ed25519', publicKey);
  return { version, publicKey };
}

/** `{"1": {"public_key": "…"}, "2": {…}}`: those versions that are not archived. */
function publicKeyText(keys: unknown, version: number): string {
  const versions = new Map(typeof keys === 'object' && keys !== null ? Object.entries(keys) : []);
  const entry: unknown = versions.get(String(version));
  if (entry === undefined) throw refused('version', `one of ${[...versions.keys()].join(', ')}`, version);
  const isText = typeof entry === 'object' && entry !== null && 'public_key' in entry;
  if (!isText || typeof entry.public_key !== 'string') throw refused('public_key', 'base64', 'something else');
  return entry.public_key;
}

function refused(field: string, expected: unknown, got: unknown): CustodyError {
  const [wanted, found] = [cleaned(String(expected)), cleaned(String(got))];
  return new CustodyError('MISCONFIGURED', `vault-transit: ${field}: expected ${wanted}, got ${found}`);
}
