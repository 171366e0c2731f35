import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readPin } from './pin.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-pin-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const env = { PATH: process.env['PATH'], STELLAR_SEED: 'S-secret' };
const unreadable = (message: string | RegExp) =>
  expect.objectContaining({ errorCode: 'PIN_UNREADABLE', message: expect.stringMatching(message) });
const shell = (script: string) => ({ command: ['/bin/sh', '-c', script] });

describe('from a file', () => {
  test.each([
    ['648219', '648219'],
    ['648219\n', '648219'],
    ['648219\r\n', '648219'],
    [' 64 82\n19', ' 64 82\n19'],
    ['süß', 'süß'],
  ])('%j is the PIN %j', async (text, pin) => {
    expect((await readPin({ file: file('pin', text) }, env)).toString()).toBe(pin);
  });

  test('that other users may read, that is empty or not there: refused, named, and nothing of it told', async () => {
    const open = file('open', '648219', 0o644);
    await expect(readPin({ file: open }, env)).rejects.toEqual(
      unreadable(`^pin: ${open}: other users may read or write the file: chmod o-rwx$`),
    );
    const empty = file('empty', '\n');
    await expect(readPin({ file: empty }, env)).rejects.toEqual(
      unreadable(`^pin: expected a PIN in ${empty}, got nothing$`),
    );
    await expect(readPin({ file: '/nowhere' }, env)).rejects.toEqual(unreadable('/nowhere: cannot read the file'));
  });
});

describe('from a command', () => {
  test('it is what the command prints, arguments as they are', async () => {
    const command = [process.execPath, '-e', 'console.log(process.argv[1])', '$HOME; *'];
    expect((await readPin({ command }, env)).toString()).toBe('$HOME; *');
  });

  test('of the environment the command gets PATH alone', async () => {
    const command = [process.execPath, '-p', 'JSON.stringify(process.env)'];
    expect(JSON.parse((await readPin({ command }, env)).toString())).toEqual({ PATH: env.PATH });
  });

  test.each([
    ['fails', shell('echo 648219; echo 648219 >&2; exit 3'), 'the command /bin/sh failed: 3'],
    ['prints nothing', shell('true'), 'expected a PIN from the command, got nothing'],
    ['prints too much', shell('head -c 2000 /dev/zero'), 'failed: ERR_CHILD_PROCESS_STDIO_MAXBUFFER'],
    ['is killed', shell('kill -9 $$'), 'failed: SIGKILL'],
    ['is not there', { command: ['/nowhere/pin'] }, 'the command /nowhere/pin failed: ENOENT'],
  ])('one that %s is refused, and nothing that it printed is told', async (_, source, message) => {
    const error: Error = await readPin(source, env).then(
      () => new Error('a PIN'),
      (thrown) => thrown,
    );
    expect(error).toEqual(unreadable(message));
    expect(error.message).not.toContain('648219');
  });

  test('one that does not end is killed in time', async () => {
    await expect(readPin(shell('exec sleep 60'), env, 50)).rejects.toEqual(
      unreadable('the command /bin/sh failed: no end in 50 ms'),
    );
  });
});
