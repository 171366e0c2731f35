import type { AuditEvent } from '@countersign/audit/event';
import type { Pool, PoolClient } from '@countersign/runtime/postgres';
import { configurationEvent } from '../audit/configuration-event.ts';
import type { Store } from '../store/store.ts';

export interface FreezeWatch {
  close(): Promise<void>;
}

export interface FreezeOptions {
  readonly pool: Pool;
  readonly store: Store;
  /** Told which keys are frozen, at the start and on every look. */
  readonly onSeen: (frozen: ReadonlyMap<string, boolean>) => void;
  readonly onError: (error: unknown) => void;
  readonly pollMs?: number;
}

/**
 * Leaves the audit event of each key that an operator froze or released in the database (`signerctl freeze`). The freeze itself
 * needs nobody: a reservation reads it under the lock of its key.
 */
export function watchFreezes({ pool, store, onSeen, onError, pollMs = 1_000 }: FreezeOptions): FreezeWatch {
  let looking: Promise<void> | undefined;
  const look = async () => {
    try {
      const { rows } = await pool.query<{ key_id: string; frozen: boolean; untold: boolean }>(LOOK);
      onSeen(new Map(rows.map(({ key_id, frozen }) => [key_id, frozen])));
      if (rows.some(({ untold }) => untold)) await store.change(tellAll);
    } catch (error) {
      onError(error);
    }
  };
  const tick = () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
  };
  const timer = setInterval(tick, pollMs);
  timer.unref();
  tick();
  return {
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

const LOOK = `
select key_id, frozen_at is not null as frozen, exists (select from freezes where not told) as untold from keys`;

interface FreezeRow {
  readonly key_id: string;
  readonly frozen: boolean;
  readonly reason: string;
  readonly operator: string;
  readonly at: Date;
}

/** Each by one replica: the rows that another one is telling of are passed over. */
async function tellAll(client: PoolClient): Promise<AuditEvent[]> {
  const { rows } = await client.query<FreezeRow>(
    `with untold as (select id from freezes where not told order by id for update skip locked)
     update freezes set told = true from untold where freezes.id = untold.id
     returning key_id, frozen, reason, operator, at`,
  );
  return rows.map(({ key_id: key, frozen, reason, operator, at }) =>
    configurationEvent(frozen ? 'FreezeKey' : 'UnfreezeKey', at, [key], { reason, operator }),
  );
}
