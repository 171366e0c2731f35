import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const config = {
  region: 'eu-central-1',
  credentials: {
    signer: { accessKeyId: 'AKIASIGNER', secretAccessKey: 'one' },
    operator: { accessKeyId: 'AKIAOPERATOR', secretAccessKey: 'two' },
  },
  keys: [{ alias: 'alias/stellar', algorithm: 'ed25519' }],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kms-'));
});
afterAll(() => rm(folder, { recursive: true }));

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const flags = ['--conditions=source', '--disable-proto=throw', '--disallow-code-generation-from-strings'];
  return spawn(process.execPath, [...flags, MAIN, ...args], {
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('the process', () => {
  test.each(['file', 'variable'])(
    'takes its configuration from a %s, says one line when ready, and signs',
    async (from) => {
      const file = join(folder, 'kms.json');
      await writeFile(file, JSON.stringify(config));
      const child = from === 'file' ? start([file]) : start([], { DEV_KMS_CONFIG: JSON.stringify(config) });
      const exited = once(child, 'exit');
      const lines: string[] = [];
      const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
      await Promise.race([once(reader, 'line'), exited]);
      const ready = JSON.parse(lines[0] ?? '');
      expect(ready).toMatchObject({ ready: true, region: 'eu-central-1', keys: [{ alias: 'alias/stellar' }] });
      expect(lines[0]).not.toContain('one');
      const client = new KMSClient({
        endpoint: ready.url,
        region: ready.region,
        credentials: { ...config.credentials.signer },
        maxAttempts: 1,
      });
      const input = { KeyId: 'alias/stellar', Message: Buffer.alloc(32), SigningAlgorithm: 'ED25519_SHA_512' } as const;
      expect((await client.send(new SignCommand(input))).Signature).toHaveLength(64);
      client.destroy();
      child.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
      expect(lines).toHaveLength(1);
    },
  );

  test('does not start on a word it does not know', async () => {
    const child = start([], { DEV_KMS_CONFIG: '{"prot":1}' });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const [code] = await once(child, 'exit');
    expect(code).toBe(1);
    expect(errors).toContain('prot');
  });
});
