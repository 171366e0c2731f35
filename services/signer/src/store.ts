import type { ChainHead } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import { inTransaction, type Pool, type PoolClient } from '@countersign/runtime/postgres';
import { appendEvents, readHead } from './audit/audit-log.ts';

/** The database of the signer: whatever is written there has its audit event in the same commit. */
export interface Store {
  /**
   * Runs `work` in a database transaction and appends the event of what came of it. Calls that are in flight together
   * share a transaction, and their statements go out together; a refusal undoes only its own work. `work` may run twice, its effects happen once.
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
}

const UNITS_IN_ONE = 64;

/**
 * @param chain the audit chain of this replica.
 * @param onAppended told how high the chain is after each commit.
 */
export function createStore(pool: Pool, chain: string, onAppended: (height: bigint) => void): Store {
  const waiting: Unit[] = [];
  let busy = false;
  // The head as this process left it; another process that uses the same name moves it too.
  let head: ChainHead | undefined;

  const settle = async (units: readonly Unit[]): Promise<void> => {
    let next: ChainHead | undefined;
    try {
      await inTransaction(pool, async (client) => {
        const events = await allOf(units.map((unit) => unit.run(client)));
        const appended = head && (await appendEvents(client, chain, head, events));
        next = appended ?? (await appendEvents(client, chain, await readHead(client, chain), events));
      });
    } catch (error) {
      head = undefined;
      // Before the commit nothing has been done, and one unit must not fail for another's sake.
      if (units.length > 1 && next === undefined) await Promise.all(units.map((unit) => settle([unit])));
      else for (const unit of units) unit.reject(error);
      return;
    }
    head = next;
    if (head !== undefined) onAppended(head.sequence);
    for (const unit of units) unit.resolve();
  };

  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) await settle(waiting.splice(0, UNITS_IN_ONE));
    busy = false;
  };

  return {
    commit: <T>(work: (client: PoolClient) => Promise<T>, eventOf: (result: T) => AuditEvent) =>
      new Promise<T>((resolve, reject) => {
        let result: { readonly value: T } | undefined;
        waiting.push({
          run: async (client) => {
            const value = await work(client);
            result = { value };
            return eventOf(value);
          },
          resolve: () => {
            if (result !== undefined) resolve(result.value);
          },
          reject: (error) => reject(error instanceof CountersignError ? error : unavailable(error)),
        });
        void pump();
      }),
  };
}

/** Waits for every one, also when one has failed: the connection is theirs until then. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}

function unavailable(cause: unknown): CountersignError {
  return new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer', { cause });
}
