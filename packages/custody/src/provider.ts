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
  /**
   * What KEYS_FILE has to say beside the rest, so that it leads to this key for good; where a name can become another key's.
   * @param signal the deadline
   * @throws as `open` does
   */
  pin?(custody: Custody, signal: AbortSignal): Promise<Partial<Custody>>;
  /** Looks at all that a signer needs of a key, and signs nothing. What cannot be looked at is a finding, too. */
  examine?(custody: Custody, algorithm: Algorithm, signal: AbortSignal): Promise<readonly Finding[]>;
  /**
   * Makes the key that `open` would then open, under a name that is free. Its private part is made in the place and stays there.
   * @param signal the deadline; past it the key may have been made
   * @throws CustodyError `MISCONFIGURED` where the name is taken, or is none that can be given; `UNAVAILABLE` when nobody answers
   */
  generate?(custody: Custody, algorithm: Algorithm, signal: AbortSignal): Promise<void>;
  /** Lets go of the place. No key of it signs any more. */
  close(): Promise<void>;
}
