import { inTransaction, type PoolClient } from '@countersign/runtime/postgres';
import type { EngineContext } from './context.ts';
import type { CrashPoint } from './crash-points.ts';

/** Another worker was faster: nothing was changed, the work is to be looked at anew. */
export class StaleError extends Error {
  override readonly name = 'StaleError';
}

/** One change of the stored state: everything in it is committed together, or nothing. */
export interface Change {
  readonly sql: PoolClient;
  /** Runs once the change is committed: for metrics and logs, which cannot be rolled back. */
  afterwards(effect: () => void): void;
}

/** Runs `run` in one database transaction, then its effects. `point` names the moment just before the commit. */
export async function commit<Result>(
  context: EngineContext,
  point: CrashPoint | undefined,
  run: (change: Change) => Promise<Result>,
): Promise<Result> {
  const effects: (() => void)[] = [];
  const result = await inTransaction(
    context.pool,
    async (sql) => {
      effects.length = 0;
      const value = await run({ sql, afterwards: (effect) => void effects.push(effect) });
      if (point !== undefined) await context.hooks.at(point);
      return value;
    },
    { retries: 2 },
  );
  for (const effect of effects) effect();
  return result;
}

/** Demands that a guarded statement changed exactly the rows that it was meant for. */
export function demandRows(what: string, rowCount: number | null, expected: number): void {
  if (rowCount !== expected) throw new StaleError(`${what}: expected ${expected} rows, got ${rowCount}`);
}
