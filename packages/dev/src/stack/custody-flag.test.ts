import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { createCustodyFlag } from './custody-flag.ts';

let dir: string;
let file: string;
let signer: Server;
let url: string;

/** A signer that follows its flag file, as its metrics tell; for `lag` looks it has not noticed yet. */
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-flag-'));
  file = join(dir, 'flags.yaml');
  let looks = 0;
  signer = createServer(async (_request, response) => {
    const noticed = looks++ > 3;
    const { paths } = parse(await readFile(file, 'utf8'));
    const sample = (key: string, path: string) =>
      `countersign_key_custody_path{key="${key}",path="${path}"} ${noticed && paths[key] === path ? 1 : 0}\n`;
    response.end(
      Object.keys(paths)
        .flatMap((key) => [sample(key, 'legacy'), sample(key, 'kms')])
        .join(''),
    );
  });
  signer.listen(0, '127.0.0.1');
  await once(signer, 'listening');
  url = `http://127.0.0.1:${(signer.address() as AddressInfo).port}/metrics`;
});

afterEach(async () => {
  signer.closeAllConnections();
  signer.close();
  await rm(dir, { recursive: true, force: true });
});

test('moves each key by itself, also at the same time, and waits for the signer', async () => {
  const flag = await createCustodyFlag(file, url, { 'treasury-stellar': 'legacy', 'treasury-evm': 'legacy' });
  expect(flag.pathOf('treasury-evm')).toBe('legacy');
  await Promise.all([flag.set('treasury-stellar', 'kms'), flag.set('treasury-evm', 'kms')]);
  expect(parse(await readFile(file, 'utf8'))).toEqual({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' } });
  await flag.set('treasury-stellar', 'legacy');
  expect(parse(await readFile(file, 'utf8')).paths).toEqual({ 'treasury-stellar': 'legacy', 'treasury-evm': 'kms' });
  expect(flag.pathOf('treasury-stellar')).toBe('legacy');
});
