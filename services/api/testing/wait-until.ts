import { setImmediate } from 'node:timers/promises';

const LIMIT_MS = 10_000;

/** Asks again and again until the condition holds. */
export async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`nothing after ${LIMIT_MS} ms: ${condition}`);
    await setImmediate();
  }
}
