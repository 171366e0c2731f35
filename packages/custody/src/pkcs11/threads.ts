import { createTurns } from './turns.ts';

/** Of libuv: https://docs.libuv.org/en/v1.x/threadpool.html */
const [DEFAULT_THREADS, MOST_THREADS] = [4, 1024];
/** Left to the rest of the process: files, names and child processes need the same threads. */
const KEPT_FREE = 2;

/** The size of the thread pool as libuv reads it (`init_threads` in threadpool.c): by atoi, and a negative number is a huge one. */
export function threadPoolSize(variable: string | undefined): number {
  if (variable === undefined) return DEFAULT_THREADS;
  const number = Number.parseInt(variable, 10) || 1;
  return number < 0 ? MOST_THREADS : Math.min(number, MOST_THREADS);
}

/** How many threads of a pool may be in calls of HSMs. */
export const threadsForCalls = (poolSize: number): number => Math.max(1, poolSize - KEPT_FREE);

/**
 * The threads that calls of HSMs run on, whatever their tokens and libraries. A call that hangs keeps its thread for good, so that
 * calls must never have them all. The pool is the process's, and so is its environment, which libuv reads for itself.
 */
export const threads = createTurns(threadsForCalls(threadPoolSize(process.env['UV_THREADPOOL_SIZE'])));
