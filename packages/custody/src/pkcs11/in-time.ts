import { Pkcs11Failure } from './failure.ts';
import type { Turn } from './turns.ts';

export const NO_ANSWER = 'NO_ANSWER';

/**
 * The answer of a call, where it comes in time. A call that was begun cannot be stopped: one that hangs keeps its turn until it
 * has ended, however long nobody waits for it any more.
 * @throws Pkcs11Failure `NO_ANSWER`; what the call throws
 */
export async function inTime<T>(turn: Turn, mostMs: number, call: () => T | Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    turn.hang();
    reject(new Pkcs11Failure(NO_ANSWER, `no answer in ${mostMs} ms`, { retryable: true, down: true }));
  }, mostMs);
  const called = async () => {
    try {
      return await call();
    } finally {
      clearTimeout(timer);
      turn.end();
    }
  };
  return Promise.race([called(), late]);
}
