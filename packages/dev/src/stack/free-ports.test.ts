import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { freePorts } from './free-ports.ts';

test('gives different ports that can be listened on', async () => {
  const ports = await freePorts(8);
  expect(new Set(ports).size).toBe(8);
  for (const port of ports) {
    const listener = createServer().listen(port, '127.0.0.1');
    await once(listener, 'listening');
    listener.close();
  }
});
