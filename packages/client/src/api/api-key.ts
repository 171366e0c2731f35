import { readFileSync } from 'node:fs';
import type { Io } from '../command.ts';
import { ClientError } from '../error.ts';

/** Reads the API key from a file, or else from COUNTERSIGN_API_KEY; never from an argument, which everybody on the machine sees. */
export function readApiKey(file: string | undefined, env: Io['env']): string {
  const key = file === undefined ? env['COUNTERSIGN_API_KEY'] : contentOf(file);
  if (key === undefined || key === '') {
    throw new ClientError('API_KEY', 'expected an API key in --api-key-file or COUNTERSIGN_API_KEY');
  }
  if (/^cs_[A-Za-z0-9_-]{43}$/.test(key)) return key;
  const where = file === undefined ? 'COUNTERSIGN_API_KEY' : '--api-key-file';
  throw new ClientError('API_KEY', `${where}: expected an API key, cs_ and 43 characters`);
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new ClientError('API_KEY', '--api-key-file: expected a file that can be read', { cause });
  }
}
