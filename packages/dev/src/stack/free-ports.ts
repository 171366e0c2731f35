import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that systems hand out to outgoing connections, any of which could take one between now and its use.
const LOWEST = 20_000;
const HIGHEST = 29_999;
const ATTEMPTS = 100;

/** Picks `count` different ports of 127.0.0.1 that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS * count && found.size < count; attempt++) {
    const port = randomInt(LOWEST, HIGHEST + 1);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`expected ${count} free ports in ${LOWEST}–${HIGHEST}, got ${found.size}`);
  return [...found];
}

async function isFree(port: number): Promise<boolean> {
  const listener = createServer().listen(port, '127.0.0.1');
  try {
    await once(listener, 'listening');
    listener.close();
    await once(listener, 'close');
    return true;
  } catch {
    return false;
  }
}
