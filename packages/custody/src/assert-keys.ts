import type { Algorithm } from './backend.ts';
import { CustodyError } from './error.ts';
import { assertPublicKey } from './public-key.ts';

type KeyEntries = Readonly<Record<string, { readonly algorithm: Algorithm; readonly public_key: string }>>;

/**
 * What the schema of KEYS_FILE does not see: that every public key is one, and that none stands under two ids. No custody is
 * opened for it.
 * @throws CustodyError `MISCONFIGURED`, naming the key id
 */
export function assertKeys(keys: KeyEntries): void {
  const ids = new Map<string, string>();
  for (const [id, { algorithm, public_key: publicKey }] of Object.entries(keys)) {
    try {
      assertPublicKey(algorithm, new Uint8Array(Buffer.from(publicKey, 'hex')));
    } catch (error) {
      if (!(error instanceof CustodyError)) throw error;
      throw new CustodyError(error.code, `key ${id}: ${error.message}`, { cause: error });
    }
    // Limits and lanes are kept by key id: one key under two ids would have each of them twice.
    const other = ids.get(publicKey);
    if (other !== undefined) {
      throw new CustodyError('MISCONFIGURED', `key ${id}: public_key: the same key is registered as ${other}`);
    }
    ids.set(publicKey, id);
  }
}
