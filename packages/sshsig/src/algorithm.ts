import type { WireReader } from './wire.ts';

/** The keys that are accepted: RFC 8709 and RFC 5656. */
export type SshAlgorithm = 'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'ecdsa-sha2-nistp384' | 'ecdsa-sha2-nistp521';

/** A public key that signatures can be checked against. */
export interface Verifier {
  /**
   * Reads the content of a signature, whole.
   * @returns whether it is this key's, for the message.
   * @throws SshsigError for content that is not one.
   */
  verifies(message: Uint8Array, signature: WireReader): boolean;
}
