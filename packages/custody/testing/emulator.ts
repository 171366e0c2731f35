import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Part } from '@countersign/dev/find-part';
import { freePorts } from '@countersign/dev/free-ports';

export const REGION = 'eu-west-2';
const ACCOUNT = '111122223333';
const START_MS = 30_000;

/** A KMS emulator of somebody else, as a process of this test. */
export interface Emulator {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1, with a folder of its own for all that it writes. */
export async function startEmulator(part: Part): Promise<Emulator> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), `countersign-${part.name}-`));
  const log = join(folder, 'log');
  const child = spawn('/bin/sh', ['-c', 'exec "$0" >"$1" 2>&1', part.file, log], {
    cwd: folder,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, ...settings(part, port, folder) },
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  };
  const giveUp = performance.now() + START_MS;
  while (!(await answers(url))) {
    if (child.exitCode === null && performance.now() < giveUp) {
      await pause(25);
      continue;
    }
    const why = child.exitCode === null ? `no answer in ${START_MS} ms` : `it ended with ${child.exitCode}`;
    const lines = await readFile(log, 'utf8');
    await stop();
    throw new Error(`${part.name} did not start: ${why}\n${lines.slice(-2000)}`);
  }
  return { url, stop };
}

function settings(part: Part, port: number, folder: string): Record<string, string> {
  if (part.name === 'ministack') {
    return {
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      SERVICES: 'kms',
      MINISTACK_REGION: REGION,
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      // Its own authorization: signatures are checked only then.
      AUTH: 'false',
    };
  }
  return {
    PORT: String(port),
    KMS_REGION: REGION,
    KMS_ACCOUNT_ID: ACCOUNT,
    KMS_DATA_PATH: join(folder, 'data'),
    KMS_SEED_PATH: join(folder, 'no-seed.yaml'),
  };
}

/** Any answer at all will do: it listens, and speaks HTTP. */
const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );
