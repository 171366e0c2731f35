import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '@countersign/dev/find-part';
import { freePorts } from '@countersign/dev/free-ports';
import { answers, startProgram } from './program.ts';

export const REGION = 'eu-west-2';
const ACCOUNT = '111122223333';

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
  const remove = () => rm(folder, { recursive: true });
  try {
    const stop = await startProgram({
      name: part.name,
      command: [part.file],
      folder,
      env: settings(part, port, folder),
      isUp: () => answers(url),
    });
    return { url, stop: () => stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
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
