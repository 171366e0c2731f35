import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const START_MS = 30_000;

export interface ProgramTerms {
  readonly name: string;
  readonly command: readonly string[];
  /** All that it writes stands here; its output as `log`. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  isUp(): Promise<boolean>;
}

/**
 * Starts a program of somebody else, and waits until it is up.
 * @returns what kills it, and waits for its end
 * @throws Error with the end of its output
 */
export async function startProgram(terms: ProgramTerms): Promise<() => Promise<void>> {
  const { name, command, folder, env = {}, isUp } = terms;
  const log = join(folder, 'log');
  const child = spawn('/bin/sh', ['-c', 'log="$0"; exec "$@" >"$log" 2>&1', log, ...command], {
    cwd: folder,
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, ...env },
  });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const giveUp = performance.now() + START_MS;
  while (!(await isUp())) {
    if (child.exitCode === null && performance.now() < giveUp) {
      await pause(25);
      continue;
    }
    const why = child.exitCode === null ? `no answer in ${START_MS} ms` : `it ended with ${child.exitCode}`;
    await stop();
    throw new Error(`${name} did not start: ${why}\n${(await readFile(log, 'utf8')).slice(-2000)}`);
  }
  return stop;
}

/** Any answer at all will do: it listens, and speaks HTTP. */
export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );
