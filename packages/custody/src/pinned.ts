import type { Backend } from './backend.ts';
import { CustodyError } from './error.ts';

/** @returns the backend. @throws CustodyError `MISCONFIGURED`, after closing it, where it holds another key than this one */
export function pinned(publicKey: Uint8Array, backend: Backend): Backend {
  if (Buffer.from(publicKey).equals(backend.publicKey)) return backend;
  void backend.close();
  const [expected, got] = [publicKey, backend.publicKey].map((bytes) => Buffer.from(bytes).toString('hex'));
  throw new CustodyError('MISCONFIGURED', `${backend.name}: public key: expected the pinned ${expected}, got ${got}`);
}

/** An error of this package with the key that it is about. */
export function named(id: string, error: unknown): unknown {
  if (!(error instanceof CustodyError)) return error;
  return new CustodyError(error.code, `key ${id}: ${error.message}`, { attempts: error.attempts, cause: error });
}
