import type { ErrorCode } from '@countersign/contract/errors';
import type { RegisteredKey } from '@countersign/custody/registry';
import type { Logger } from '@countersign/runtime/log';
import type { Audit } from './audit/open-audit.ts';
import type { CustodyPaths } from './custody/custody-paths.ts';
import type { SignerMetrics } from './metrics.ts';
import type { PolicySource } from './policy/policy-in-force.ts';
import type { Shadow } from './shadow/shadow.ts';
import type { Store } from './store/store.ts';

/** What every call needs: built once at the start and passed down. */
export interface SignerContext {
  readonly keys: ReadonlyMap<string, RegisteredKey>;
  readonly policy: PolicySource;
  readonly paths: Pick<CustodyPaths, 'pathOf'>;
  readonly store: Store;
  readonly audit: Pick<Audit, 'assertExported'>;
  readonly shadow: Pick<Shadow, 'compare'>;
  readonly metrics: SignerMetrics;
  readonly log: Logger;
  readonly clock: () => Date;
  /** How long the stages after the reservation may take, whatever the caller's deadline. */
  readonly signTimeoutMs: number;
}

/** One call through the wall, as the transport saw it. */
export interface Call {
  /** The client certificate, DER. */
  readonly certificate: Uint8Array | undefined;
  /** host:port of the peer. */
  readonly peer: string;
  readonly userAgent: string;
  /** When the caller stops waiting: milliseconds since 1970, never Infinity. */
  readonly deadline: number;
  /** True once nobody waits for the answer: cancelled, out of time, or the connection is gone. */
  isOver(): boolean;
  /**
   * Whether a refusal that changed nothing leaves an event of its own. Where it does not, it has been counted, and a summary
   * tells of it.
   */
  leavesEvent(code: ErrorCode): boolean;
}
