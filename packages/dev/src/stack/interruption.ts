import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const PARENT_INTERVAL_MS = 500;

/** Why this process is to end. */
export class Interrupted extends Error {
  /** As shells report a death by this signal. */
  readonly exitCode: number;

  constructor(signal: (typeof SIGNALS)[number]) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/**
 * Aborts when this process is asked to end (again and again changes nothing: npm and the terminal may both tell), or
 * when the process that started it is gone without having said a word.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of SIGNALS) process.on(signal, () => controller.abort(new Interrupted(signal)));
  const parent = process.ppid;
  const watch = () => {
    if (process.ppid !== parent) controller.abort(new Interrupted('SIGHUP'));
  };
  setInterval(watch, PARENT_INTERVAL_MS).unref();
  return controller.signal;
}
