import type { AuditEvent } from '@countersign/audit/event';
import type { PoolClient } from '@countersign/runtime/postgres';
import type { Ask } from '../reservation/ask.ts';
import type { Recording } from '../signing/record.ts';
import type { Recorded } from '../signing/recorded.ts';

interface Waiting {
  /** `performance.now()` when it came. */
  readonly since: number;
  reject(error: unknown): void;
}

export interface Reserving extends Waiting {
  readonly kind: 'reserve';
  readonly ask: Ask;
  /** Throws where nobody waits any more; asked when its turn has come. */
  demandTime(): void;
  eventOf(earlier: Recorded | undefined): AuditEvent;
  resolve(earlier: Recorded | undefined): void;
}

interface Recordings extends Waiting {
  readonly kind: 'record';
  readonly recording: Recording;
  eventOf(recorded: Recorded): AuditEvent;
  resolve(recorded: Recorded): void;
}

/** A rare change of what is in force; it gives its events itself, and may run more than once. */
interface Changing extends Waiting {
  readonly kind: 'change';
  run(client: PoolClient): Promise<readonly AuditEvent[]>;
  resolve(): void;
}

/** An event of something that changes nothing in the database. */
interface Telling extends Waiting {
  readonly kind: 'event';
  readonly event: AuditEvent;
  resolve(): void;
}

/** One thing to be committed with the event that tells of it, and how to answer whoever waits for it. */
export type Unit = Reserving | Recordings | Changing | Telling;
