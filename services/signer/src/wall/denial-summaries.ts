import type { Logger } from '@countersign/runtime/log';
import { denialsEvent } from '../audit/denials-event.ts';
import type { Store } from '../store/store.ts';
import type { DenialBudget, DenialSummary } from './denial-budget.ts';

export interface DenialSummaries {
  /** Tries once more to write what is counted by now, for three seconds at most, and ends. */
  close(): Promise<void>;
}

export interface DenialSummariesOptions {
  readonly budget: DenialBudget;
  readonly store: Pick<Store, 'leave'>;
  readonly clock: () => Date;
  readonly log: Logger;
}

const EVERY_MS = 5_000;
// As many as share a commit; calls have their turn between two of them.
const TOGETHER = 64;
// What is closed after the wall, the audit log above all, needs its time too before the process is killed.
const LAST_TRY_MS = 3_000;

/**
 * Writes what the budget has counted, one event for each caller and each five seconds. A summary that cannot be written is
 * part of the next; a process that dies without a farewell loses the counts of its last seconds, one that is stopped while
 * its database does not answer all counts since it last did.
 */
export function startDenialSummaries({ budget, store, clock, log }: DenialSummariesOptions): DenialSummaries {
  let closed = false;
  let writing: Promise<void> | undefined;

  /** @returns whether it was written. */
  const leave = async (summary: DenialSummary): Promise<boolean> => {
    log.warn({ caller: summary.caller, counts: Object.fromEntries(summary.counts) }, 'refusals summarised');
    try {
      await store.leave(denialsEvent(summary, clock()));
      return true;
    } catch (err) {
      budget.putBack(summary);
      log.error({ err }, 'audit event not written');
      return false;
    }
  };
  const writeAll = async (): Promise<void> => {
    const left = budget.drain();
    let failed = false;
    while (left.length > 0 && !failed && !closed) {
      const written = await Promise.all(left.splice(0, TOGETHER).map(leave));
      failed = written.includes(false);
    }
    for (const summary of left) budget.putBack(summary);
  };
  const write = (): Promise<void> => {
    writing ??= writeAll().finally(() => {
      writing = undefined;
    });
    return writing;
  };
  const timer = setInterval(write, EVERY_MS).unref();
  return {
    close: async () => {
      clearInterval(timer);
      const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
      const patience = setTimeout(giveUp, LAST_TRY_MS);
      await Promise.race([(writing ?? Promise.resolve()).then(write), late]);
      clearTimeout(patience);
      closed = true;
    },
  };
}
