import type { Logger } from '@countersign/runtime/log';
import { denialsEvent } from '../audit/denials-event.ts';
import type { Store } from '../store/store.ts';
import type { DenialBudget } from './denial-budget.ts';

export interface DenialSummaries {
  /** Writes what is counted by now, and ends. */
  close(): Promise<void>;
}

const EVERY_MS = 5_000;

/**
 * Writes what the budget has counted, one event for each caller and each five seconds. A summary that cannot be written is
 * part of the next; a process that dies without a farewell loses the counts of its last seconds.
 */
export function startDenialSummaries(
  budget: DenialBudget,
  store: Store,
  clock: () => Date,
  log: Logger,
): DenialSummaries {
  const write = async () => {
    for (const summary of budget.drain()) {
      log.warn({ caller: summary.caller, counts: Object.fromEntries(summary.counts) }, 'refusals summarised');
      try {
        await store.leave(denialsEvent(summary, clock()));
      } catch (err) {
        budget.putBack(summary);
        log.error({ err }, 'audit event not written');
      }
    }
  };
  let writing = Promise.resolve();
  const enqueue = () => {
    writing = writing.then(write);
    return writing;
  };
  const timer = setInterval(enqueue, EVERY_MS).unref();
  return {
    close: async () => {
      clearInterval(timer);
      await enqueue();
    },
  };
}
