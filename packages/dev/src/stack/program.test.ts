import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createProgram, type Program, type ProgramSpec } from './program.ts';
import { waitUntil } from './wait-until.ts';

let logs: string;
let program: Program | undefined;
const onDeath = jest.fn<(error: Error) => void>();
const watchdog = { guard: jest.fn(), release: jest.fn(), close: async () => {} };

beforeEach(async () => {
  logs = await mkdtemp(join(tmpdir(), 'countersign-program-'));
  jest.clearAllMocks();
});

afterEach(async () => {
  await program?.stop();
  program = undefined;
  await rm(logs, { recursive: true, force: true });
});

const exists = (file: string) => access(file).then(() => true);

/** A shell script that is ready once it has made the file `ready` in its working directory. */
function shell(script: string, spec: Partial<ProgramSpec> = {}, signal = new AbortController().signal): Program {
  const ready = () => exists(join(logs, 'ready'));
  const whole = { name: 'sleeper', command: '/bin/sh', args: ['-c', script], env: () => ({}), ready, ...spec };
  program = createProgram(whole, { logs, watchdog, signal, onDeath });
  return program;
}

const stays = 'touch ready; exec sleep 600';

describe('environment', () => {
  test('holds PATH and what was asked for, nothing else of this process', async () => {
    const { PATH, NODE_ENV } = process.env;
    expect(NODE_ENV).toBe('test');
    const sleeper = shell(`env > seen; ${stays}`, { env: () => ({ COLOR: 'green', SHAPE: 'round' }) });
    await sleeper.start({ COLOR: 'red', SHAPE: undefined });
    expect(sleeper.environment).toEqual({ PATH, COLOR: 'red' });
    // The shell adds variables of its own.
    const seen = (await readFile(join(logs, 'seen'), 'utf8')).trim().split('\n');
    const own = /^(PWD|OLDPWD|SHLVL|_)=/;
    expect(seen.filter((line) => !own.test(line)).sort()).toEqual(['COLOR=red', `PATH=${PATH}`]);
  });

  test('a change lasts for one start', async () => {
    const sleeper = shell(stays, { env: () => ({ COLOR: 'green' }) });
    await sleeper.start({ COLOR: 'red' });
    await sleeper.stop();
    await sleeper.start();
    expect(sleeper.environment).toMatchObject({ COLOR: 'green' });
  });
});

describe('start', () => {
  test('waits for readiness and puts the process under the watchdog', async () => {
    const sleeper = shell(stays);
    await sleeper.start();
    expect(await exists(join(logs, 'ready'))).toBe(true);
    expect(watchdog.guard).toHaveBeenCalledWith(sleeper.pid);
    await expect(sleeper.start()).rejects.toThrow('sleeper is running already');
  });

  test('shows the last lines of a program that ends before it is ready', async () => {
    const sleeper = shell('echo first; echo "no such key" >&2; exit 3');
    await expect(sleeper.start()).rejects.toThrow(
      'sleeper ended (exit code 3); its last lines:\n  first\n  no such key',
    );
    expect(sleeper.pid).toBeUndefined();
    expect(onDeath).not.toHaveBeenCalled();
  });

  test('says so when there is no such program', async () => {
    await expect(shell('', { command: '/no/such/program' }).start()).rejects.toThrow('ENOENT');
  });

  test('gives up when the host does', async () => {
    const host = new AbortController();
    const sleeper = shell('exec sleep 600', {}, host.signal);
    const started = sleeper.start();
    await waitUntil('running', () => sleeper.pid !== undefined);
    host.abort(new Error('stopping'));
    await expect(started).rejects.toThrow('stopping');
    await sleeper.stop();
    await expect(sleeper.start()).rejects.toThrow('stopping');
  });
});

describe('end', () => {
  test('stop ends a process that SIGSTOP holds', async () => {
    const sleeper = shell(stays);
    await sleeper.start();
    await sleeper.kill('SIGSTOP');
    await sleeper.stop();
    expect(sleeper.pid).toBeUndefined();
    await sleeper.stop();
  });

  test('kill resolves after the end, and a killed program can start again', async () => {
    const sleeper = shell(stays);
    await sleeper.start();
    const { pid } = sleeper;
    await sleeper.kill('SIGKILL');
    expect(sleeper.pid).toBeUndefined();
    expect(watchdog.release).toHaveBeenCalledWith(pid);
    await expect(sleeper.kill('SIGKILL')).rejects.toThrow('sleeper is not running');
    await rm(join(logs, 'ready'));
    await sleeper.start();
    expect(sleeper.pid).not.toBe(pid);
    expect(onDeath).not.toHaveBeenCalled();
  });

  test('a death that nobody here caused is told', async () => {
    const sleeper = shell(`echo "out of memory"; ${stays}`);
    await sleeper.start();
    process.kill(sleeper.pid ?? 0, 'SIGKILL');
    await waitUntil('told', () => onDeath.mock.calls.length > 0);
    expect(String(onDeath.mock.calls[0]?.[0])).toContain('sleeper ended (SIGKILL); its last lines:\n  out of memory');
  });
});
