import { setTimeout as delay } from 'node:timers/promises';

const INTERVAL_MS = 25;

/**
 * Asks until the answer is yes. A condition that throws counts as no; the last error becomes the cause.
 * @throws Error that names `what` when `timeoutMs` have passed, or the signal's reason when it aborts first.
 */
export async function waitUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  { timeoutMs = 30_000, signal }: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  let cause: unknown;
  do {
    signal?.throwIfAborted();
    try {
      if (await condition()) return;
    } catch (error) {
      cause = error;
    }
    await delay(INTERVAL_MS);
  } while (Date.now() < deadline);
  signal?.throwIfAborted();
  throw new Error(`${what}: not within ${timeoutMs / 1000} s`, { cause });
}
