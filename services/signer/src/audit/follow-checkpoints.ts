import type { Pool } from '@countersign/runtime/postgres';
import type { CheckpointKey } from './checkpoint-key.ts';
import { type LastCheckpoint, writeCheckpoint } from './write-checkpoint.ts';

export interface CheckpointOptions {
  readonly pool: Pool;
  readonly key: CheckpointKey;
  readonly everySeconds: number;
  /** Told of the newest one, whoever wrote it. */
  readonly onLast: (last: LastCheckpoint) => void;
  readonly onError: (error: unknown) => void;
}

export interface CheckpointWriter {
  /** The chain of this replica has come to `height`. */
  appended(height: bigint): void;
  /** Writes a last one over whatever is new. */
  close(): Promise<void>;
}

const EVERY_EVENTS = 1_000n;

/** Writes checkpoints as they become due; one at a time, and no faster than the database answers. */
export function followCheckpoints({ pool, key, everySeconds, onLast, onError }: CheckpointOptions): CheckpointWriter {
  const pace = { everyEvents: EVERY_EVENTS, everyMs: everySeconds * 1_000 };
  let height = 0n;
  let looked = 0n;
  let looking: Promise<void> | undefined;

  async function look(when: typeof pace | 'now'): Promise<void> {
    looked = height;
    try {
      const last = await writeCheckpoint(pool, key, when);
      if (last !== undefined) onLast(last);
    } catch (error) {
      onError(error);
    }
  }

  function lookOnce(): void {
    looking ??= look(pace).finally(() => {
      looking = undefined;
    });
  }

  const timer = setInterval(lookOnce, pace.everyMs).unref();
  return {
    appended: (now) => {
      height = now;
      if (looked === 0n) looked = now;
      if (height - looked >= EVERY_EVENTS) lookOnce();
    },
    close: async () => {
      clearInterval(timer);
      await looking;
      await look('now');
    },
  };
}
