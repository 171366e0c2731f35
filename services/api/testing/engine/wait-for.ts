import { setTimeout as delay } from 'node:timers/promises';

const LIMIT_MS = 20_000;

/** Asks until the condition holds; `describe` says what was there at the end when it never did. */
export async function waitFor(condition: () => boolean | Promise<boolean>, describe: () => string): Promise<void> {
  const end = Date.now() + LIMIT_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${LIMIT_MS / 1000} s: ${describe()}`);
    await delay(5);
  }
}

/** Waits until the condition holds. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  await waitFor(condition, () => String(condition));
}
