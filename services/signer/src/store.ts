import type { ChainHead } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import { inTransaction, isServerError, type Pool, type PoolClient } from '@countersign/runtime/postgres';
import { appendEvents, readHead } from './audit/audit-log.ts';

/** The database of the signer: whatever is written there has its audit event in the same commit. */
export interface Store {
  /**
   * Runs `work` in a database transaction and appends the event of what came of it. Calls that are in flight together
   * share a transaction, and their statements go out together; a refusal undoes only its own work. `work` may run more
   * than once, its effects happen once.
   *
   * @throws what `work` throws as a CountersignError; STORE_UNAVAILABLE for all else, a lost answer to the commit included:
   * then it may have been done.
   */
  commit<T>(work: (client: PoolClient) => Promise<T>, eventOf: (result: T) => AuditEvent): Promise<T>;
}

interface Unit {
  /** @returns the event of what was done. */
  run(client: PoolClient): Promise<AuditEvent>;
  resolve(): void;
  reject(error: unknown): void;
  readonly since: number;
}

type Outcome =
  | { readonly kind: 'committed' }
  /** Nothing was done. `refused` are the units that said no themselves. */
  | { readonly kind: 'undone'; readonly error: unknown; readonly refused: ReadonlySet<Unit> }
  /** The connection or the answer to the commit was lost. */
  | { readonly kind: 'unknown'; readonly error: unknown };

const UNITS_IN_ONE = 64;
const MAX_WAITING = 2_000;
// Who has waited so long is about to be given up by the caller.
const MAX_WAIT_MS = 8_000;
// Units of one transaction take their locks in the order in which they came, so two replicas may wait for each other:
// then neither waits long, and each unit runs alone.
const LOCK_TIMEOUT = "set local lock_timeout = '50ms'";

/**
 * @param chain the audit chain of this replica.
 * @param onAppended told how high the chain is after each commit.
 */
export function createStore(pool: Pool, chain: string, onAppended: (height: bigint) => void): Store {
  const waiting: Unit[] = [];
  let busy = false;
  // The head as this process left it; another process that uses the same name moves it too.
  let head: ChainHead | undefined;

  const attempt = async (units: readonly Unit[]): Promise<Outcome> => {
    const refused = new Set<Unit>();
    let committing = false;
    try {
      head = await inTransaction(pool, async (client) => {
        const events = await runAll(client, units, refused);
        const next = await append(client, events);
        committing = true;
        return next;
      });
      onAppended(head.sequence);
      return { kind: 'committed' };
    } catch (error) {
      head = undefined;
      const undone = !committing && (isServerError(error) || error instanceof CountersignError);
      return undone ? { kind: 'undone', error, refused } : { kind: 'unknown', error };
    }
  };

  const append = async (client: PoolClient, events: readonly AuditEvent[]): Promise<ChainHead> => {
    const appended = head && (await appendEvents(client, chain, head, events));
    const next = appended ?? (await appendEvents(client, chain, await readHead(client, chain), events));
    if (next === undefined) throw new CountersignError('INTERNAL', 'audit_chains: the head moved while it was locked');
    return next;
  };

  /** Answers every unit. One that spoils the transaction of others runs alone, after them. */
  const settle = async (units: readonly Unit[]): Promise<void> => {
    const outcome = await attempt(units);
    if (outcome.kind === 'committed') {
      for (const unit of units) unit.resolve();
    } else if (outcome.kind === 'unknown' || units.length === 1) {
      for (const unit of units) unit.reject(outcome.error);
    } else {
      const { refused } = outcome;
      const others = units.filter((unit) => refused.size > 0 && !refused.has(unit));
      if (others.length > 0) await settle(others);
      for (const unit of units) if (!others.includes(unit) && !gaveUp(unit)) await settle([unit]);
    }
  };

  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      const units = waiting.splice(0, UNITS_IN_ONE).filter((unit) => !gaveUp(unit));
      if (units.length > 0) await settle(units);
    }
    busy = false;
  };

  return {
    commit: <T>(work: (client: PoolClient) => Promise<T>, eventOf: (result: T) => AuditEvent) =>
      new Promise<T>((resolve, reject) => {
        if (waiting.length >= MAX_WAITING) throw unavailable(new Error(`${MAX_WAITING} commits are waiting already`));
        let result: { readonly value: T } | undefined;
        waiting.push({
          since: performance.now(),
          run: async (client) => {
            const value = await work(client);
            result = { value };
            return eventOf(value);
          },
          resolve: () => (result === undefined ? reject(unavailable('not run')) : resolve(result.value)),
          reject: (error) => reject(error instanceof CountersignError ? error : unavailable(error)),
        });
        void pump();
      }),
  };
}

/** Runs all, and waits for every one, also when one has failed: the connection is theirs until then. */
async function runAll(client: PoolClient, units: readonly Unit[], refused: Set<Unit>): Promise<AuditEvent[]> {
  const patience = units.length > 1 ? client.query(LOCK_TIMEOUT) : undefined;
  const running = units.map(async (unit) => {
    try {
      return await unit.run(client);
    } catch (error) {
      if (error instanceof CountersignError) refused.add(unit);
      throw error;
    }
  });
  await Promise.allSettled([patience, ...running]);
  await patience;
  return Promise.all(running);
}

function gaveUp(unit: Unit): boolean {
  const late = performance.now() - unit.since > MAX_WAIT_MS;
  if (late) unit.reject(new Error(`waited longer than ${MAX_WAIT_MS} ms`));
  return late;
}

function unavailable(cause: unknown): CountersignError {
  return new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer', { cause });
}
