import type { Algorithm, Backend } from './backend.ts';
import type { Finding } from './finding.ts';

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
  /** Looks at all that a signer needs of a key, and signs nothing. What cannot be looked at is a finding, too. */
  examine?(custody: Custody, algorithm: Algorithm, signal: AbortSignal): Promise<readonly Finding[]>;
  /** Lets go of the place. No key of it signs any more. */
  close(): Promise<void>;
}
