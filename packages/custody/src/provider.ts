import type { Algorithm, Backend } from './backend.ts';

/**
 * A place where keys live: connected once, shared by all keys in it. What a place cannot do is a method that it does not have.
 *
 * @typeParam Custody what KEYS_FILE says of a key in such a place
 */
export interface Provider<Custody> {
  /**
   * Reads the public key of a key, and refuses one of another spec or usage, or one that cannot sign now.
   * @param signal the deadline
   * @throws CustodyError `MISCONFIGURED`, or `UNAVAILABLE` when nobody answers
   */
  open(custody: Custody, algorithm: Algorithm, signal: AbortSignal): Promise<Backend>;
  /** Lets go of the place. No key of it signs any more. */
  close(): Promise<void>;
}
