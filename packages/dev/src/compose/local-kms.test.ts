import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { describePart } from '../parts/describe-part.ts';
import { freePorts } from '../stack/free-ports.ts';
import { waitUntil } from '../stack/wait-until.ts';
import { createLocalKmsKey, hasLocalKmsKey } from './local-kms.ts';

describePart({ describe, test }, 'local-kms', ({ file }) => {
  test('makes a secp256k1 key, and knows it again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'countersign-local-kms-'));
    const [port = 0] = await freePorts(1);
    const child = spawn(file, { stdio: 'ignore', env: { PORT: String(port), KMS_DATA_PATH: folder } });
    const ended = once(child, 'exit');
    const url = `http://127.0.0.1:${port}`;
    try {
      await waitUntil('local-kms answers', async () => (await fetch(url)).status > 0);
      const { keyId, publicKey } = await createLocalKmsKey(url);
      expect(publicKey).toHaveLength(65);
      expect(() => secp256k1.Point.fromBytes(publicKey).assertValidity()).not.toThrow();
      expect(await hasLocalKmsKey(url, keyId)).toBe(true);
      expect(await hasLocalKmsKey(url, '00000000-0000-4000-8000-000000000000')).toBe(false);
    } finally {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    }
  });
});
