import { describe, expect, test } from '@jest/globals';
import { run } from '../testing/run.ts';

const commandsIn = (text: string) => [...text.matchAll(/^ {2}(\w[\w-]* ?[\w-]*)/gm)].map(([, name]) => name?.trim());

describe('what it says of itself', () => {
  test.each([[[]], [['help']], [['--help']], [['-h']]])('%j: every command', async (args) => {
    const { code, out } = await run(...args);
    expect(code).toBe(0);
    expect(commandsIn(out)).toEqual(
      expect.arrayContaining(['policy check', 'keys generate', 'audit verify', 'freeze KEY']),
    );
  });

  test('a group with --help: its commands', async () => {
    const { code, out } = await run('keys', '--help');
    expect(code).toBe(0);
    expect(commandsIn(out)).toEqual([
      'keys list',
      'keys show',
      'keys register',
      'keys generate',
      'keys doctor',
      'keys shadow-report',
    ]);
  });

  test('a command with --help: that one, and it is not run', async () => {
    const { code, out, err } = await run('keys', 'generate', 'treasury', '--help');
    expect([code, commandsIn(out), err]).toEqual([0, ['keys generate'], '']);
  });

  test.each([
    [['keys'], 'keys list'],
    [['keys', 'lst'], 'keys list'],
    [['kezs', 'list'], 'policy check'],
  ])('%j is none: those that may be meant', async (args, first) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^signerctl: no command ke/);
    expect(commandsIn(err)[0]).toBe(first);
  });
});
