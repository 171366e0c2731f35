import type { Pool, PoolClient } from '@countersign/runtime/postgres';

/**
 * The engine's own database connection: it listens for notifications, and holds the advisory locks by which replicas share
 * out the work. Postgres frees them when the connection ends, so that the work of a process that was killed goes on at once.
 * Nothing depends on the locks but efficiency: every write is guarded by the state that it leaves.
 */
export interface Session {
  /** False when another worker has the unit. */
  lock(unit: string): Promise<boolean>;
  unlock(unit: string): Promise<void>;
  close(): void;
}

export interface SessionEvents {
  /** `payload` of a notification on `payouts`. */
  notified(payload: string): void;
  /** The connection is gone, and its locks with it. Not told after `close`. */
  lost(error: Error): void;
}

// A machine that vanished without a word must not keep its locks for hours.
const KEEPALIVES = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';
// Apart from other users of advisory locks in the same database.
const LOCK_SEED = 6_203_115_007n;

export async function openSession(pool: Pool, events: SessionEvents): Promise<Session> {
  const client = await pool.connect();
  let open = true;
  const end = (error: Error) => {
    if (!open) return;
    open = false;
    client.release(error);
    events.lost(error);
  };
  // One statement at a time: pg is giving up its own queue.
  let last: Promise<unknown> = Promise.resolve();
  const advisory = (call: 'pg_try_advisory_lock' | 'pg_advisory_unlock', unit: string): Promise<unknown> => {
    const asked = last.then(() => askLock(client, call, unit));
    last = asked.catch(() => undefined);
    return asked;
  };
  client.on('error', end);
  client.on('end', () => end(new Error('the connection ended')));
  client.on('notification', ({ payload }) => open && events.notified(payload ?? ''));
  try {
    await client.query(KEEPALIVES);
    await client.query('listen payouts');
  } catch (error) {
    open = false;
    client.release(true);
    throw error;
  }
  return {
    lock: async (unit) => (await advisory('pg_try_advisory_lock', unit)) === true,
    unlock: async (unit) => {
      if (open) await advisory('pg_advisory_unlock', unit);
    },
    close: () => {
      if (!open) return;
      open = false;
      // Destroyed, not returned to the pool: the locks go with it.
      client.release(true);
    },
  };
}

async function askLock(
  client: PoolClient,
  call: 'pg_try_advisory_lock' | 'pg_advisory_unlock',
  unit: string,
): Promise<unknown> {
  const { rows } = await client.query<{ done: boolean }>(`select ${call}(hashtextextended($1, $2)) as done`, [
    unit,
    LOCK_SEED,
  ]);
  return rows[0]?.done;
}
