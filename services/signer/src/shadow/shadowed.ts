import type { Backend } from '@countersign/custody/backend';
import type { RegisteredKey } from '@countersign/custody/registry';

/** A signature that was answered, and the backend that is asked for one of the same bytes. */
export interface Shadowed {
  readonly requestId: string;
  /** Hex: of the policy that the request was decided by. */
  readonly policyDigest: string;
  readonly key: RegisteredKey;
  readonly backend: Backend;
  /** 32 bytes. */
  readonly message: Uint8Array;
  /** What the signature that was answered took, ms. */
  readonly legacyMs: number;
}
