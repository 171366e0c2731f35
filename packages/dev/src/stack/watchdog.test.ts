import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { waitUntil } from './wait-until.ts';
import { startWatchdog } from './watchdog.ts';

const temporary = () => mkdtemp(join(tmpdir(), 'countersign-watchdog-'));

// The leader of a process group, with a child. Its first output says that both run.
async function startFamily() {
  const leader = spawn('/bin/sh', ['-c', 'sleep 600 & echo running; wait'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(leader.stdout, 'data');
  if (leader.pid === undefined) throw new Error('not started');
  // The output closes when the last process that holds it is gone.
  return { pid: leader.pid, leader, gone: once(leader.stdout.resume(), 'close') };
}

test('kills what it guards, children included, and removes the folder', async () => {
  const directory = await temporary();
  const [guarded, released] = [await startFamily(), await startFamily()];
  const watchdog = startWatchdog(directory);
  watchdog.guard(released.pid);
  watchdog.guard(guarded.pid);
  watchdog.release(released.pid);
  await watchdog.close();

  await guarded.gone;
  await waitUntil('the leader ended', () => guarded.leader.signalCode !== null || guarded.leader.exitCode !== null);
  expect(guarded.leader.signalCode).toBe('SIGKILL');
  await expect(access(directory)).rejects.toThrow('ENOENT');

  expect(released.leader.exitCode ?? released.leader.signalCode).toBeNull();
  process.kill(-released.pid, 'SIGKILL');
  await released.gone;
});

test('does the same when the process that started it is killed', async () => {
  const directory = await temporary();
  const { pid, gone } = await startFamily();
  const module = new URL('./watchdog.ts', import.meta.url).href;
  const parent = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { startWatchdog } from '${module}'; startWatchdog('${directory}').guard(${pid}); console.log('guarding');`,
  ]);
  await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  await gone;
  await waitUntil('the folder removed', () =>
    access(directory).then(
      () => false,
      () => true,
    ),
  );
});
