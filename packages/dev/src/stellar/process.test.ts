import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { Server } from '@stellar/stellar-sdk/rpc';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

function start(env: NodeJS.ProcessEnv) {
  const { STELLAR_HOST, STELLAR_PORT, STELLAR_PASSPHRASE, STELLAR_CLOSE_MS, ...rest } = process.env;
  return spawn(process.execPath, ['--conditions=source', MAIN], {
    env: { ...rest, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('the process says one line when it is ready, serves, and ends on SIGTERM', async () => {
  const child = start({ STELLAR_CLOSE_MS: 'manual', STELLAR_PASSPHRASE: 'A network of our own' });
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  await Promise.race([once(reader, 'line'), exited]);
  const { ready, url } = JSON.parse(lines[0] ?? '{}');
  expect(ready).toBe(true);
  const client = new Server(url, { allowHttp: true });
  expect(await client.getNetwork()).toMatchObject({ passphrase: 'A network of our own' });
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  expect(lines).toHaveLength(1);
});

test('a bad variable is named, and nothing starts', async () => {
  const child = start({ STELLAR_CLOSE_MS: 'sometimes' });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  expect(await once(child, 'close')).toEqual([1, null]);
  expect(errors.join('')).toContain('STELLAR_CLOSE_MS');
});
