import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anvilSpec, setUpEvm } from './anvil.ts';
import { freePorts } from './free-ports.ts';
import { callRpc } from './json-rpc.ts';
import { createProgram, type Program } from './program.ts';
import { waitUntil } from './wait-until.ts';

let directory: string;
let url: string;
let anvil: Program;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'countersign-anvil-'));
  const [port = 0] = await freePorts(1);
  url = `http://127.0.0.1:${port}`;
  const watchdog = { guard: () => {}, release: () => {}, close: async () => {} };
  const onDeath = (error: Error) => {
    throw error;
  };
  anvil = createProgram(anvilSpec(port, url, join(directory, 'cache')), {
    logs: directory,
    watchdog,
    signal: new AbortController().signal,
    onDeath,
  });
  await anvil.start();
});

afterAll(async () => {
  await anvil.stop();
  await rm(directory, { recursive: true, force: true });
});

test('funds the treasury', async () => {
  const treasury = '0x00000000000000000000000000000000000000AA';
  await setUpEvm(url, treasury);
  expect(BigInt(String(await callRpc(url, 'eth_getBalance', [treasury, 'latest'])))).toBe(10_000n * 10n ** 18n);
});

test('closes blocks by itself, and finalized follows', async () => {
  await waitUntil('a finalized block after the first', async () => {
    const block = await callRpc(url, 'eth_getBlockByNumber', ['finalized', false]);
    return typeof block === 'object' && block !== null && 'number' in block && BigInt(String(block.number)) > 0n;
  });
});
