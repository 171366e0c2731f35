import { execFileSync } from 'node:child_process';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openPathFlag, type PathFlag } from './flag.ts';

let folder: string;
let file: string;
let flag: PathFlag | undefined;
let changes: number;
let errors: Error[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flag-'));
  file = join(folder, 'flags.yaml');
  changes = 0;
  errors = [];
});
afterEach(async () => {
  await flag?.close();
  flag = undefined;
  await rm(folder, { recursive: true });
});

const START = 'paths: { treasury-stellar: legacy, treasury-evm: kms }\n';

async function open(text: string, keyIds: readonly string[] = []): Promise<PathFlag> {
  await writeFile(file, text);
  flag = await openPathFlag(
    file,
    keyIds,
    () => {
      changes += 1;
    },
    (error) => errors.push(error),
  );
  return flag;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}

/** As a deployment does it: a new file renamed over the old one. */
async function replace(text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

describe('the flag of a key', () => {
  test('is what the file says, and reading it is no change', async () => {
    const { pathOf } = await open(START, ['treasury-stellar', 'treasury-evm']);
    expect([pathOf('treasury-stellar'), pathOf('treasury-evm')]).toEqual(['legacy', 'kms']);
    expect(changes).toBe(0);
  });

  test.each(['nobody', 'constructor', 'toString', '__proto__'])(
    '%s, which the file does not name, has none',
    async (key) => {
      const { pathOf } = await open(START);
      expect(() => pathOf(key)).toThrow(expect.objectContaining({ code: 'MISCONFIGURED' }));
      expect(() => pathOf(key)).toThrow(key);
    },
  );

  test.each([
    ['written in place', writeFileInPlace],
    ['replaced by a rename', replace],
  ] as const)('follows the file %s, and says that it has changed', async (_, change) => {
    const { pathOf } = await open(START);
    await change(START.replace('legacy', 'kms'));
    await until(() => changes > 0);
    expect(pathOf('treasury-stellar')).toBe('kms');
    await change(START.replace('legacy', 'shadow'));
    await until(() => changes > 1);
    expect(pathOf('treasury-stellar')).toBe('shadow');
    expect(errors).toEqual([]);
  });

  test('a key may be added later, and one that nobody asks for may leave again', async () => {
    const { pathOf } = await open(START, ['treasury-stellar', 'treasury-evm']);
    await replace(`${START.replace(' }', ', tresury-evm: legacy }')}`);
    await until(() => changes > 0);
    expect(pathOf('tresury-evm')).toBe('legacy');
    await replace(START.replace('legacy', 'shadow'));
    await until(() => changes > 1);
    expect(pathOf('treasury-stellar')).toBe('shadow');
    expect(errors).toEqual([]);
  });

  test.each([
    ['no YAML', 'paths: {'],
    ['another path', START.replace('kms', 'hsm')],
    ['an unknown word', `${START}more: 1\n`],
    ['a key that is gone', 'paths: { treasury-stellar: kms }\n'],
    ['an empty file', ''],
    ['a key twice', 'paths:\n  treasury-stellar: kms\n  treasury-stellar: legacy\n  treasury-evm: kms\n'],
  ])('%s keeps the last state and is reported; the next good file counts', async (_, text) => {
    const { pathOf } = await open(START, ['treasury-stellar', 'treasury-evm']);
    await replace(text);
    await until(() => errors.length > 0);
    expect(changes).toBe(0);
    expect(pathOf('treasury-stellar')).toBe('legacy');
    expect(errors[0]?.message).toContain('flags.yaml');
    await replace(START.replace('legacy', 'kms'));
    await until(() => changes > 0);
    expect(pathOf('treasury-stellar')).toBe('kms');
  });

  test('a pipe in its place, or a file that never ends, is refused, and holds nobody', async () => {
    const { pathOf } = await open(START);
    execFileSync('mkfifo', [`${file}.pipe`]);
    await rename(`${file}.pipe`, file);
    await until(() => errors.length > 0);
    expect(errors.at(-1)?.message).toBe(`${file}: expected a regular file, got something else`);
    await replace('['.repeat(70_000));
    await until(() => errors.length > 1);
    expect(errors.at(-1)?.message).toBe(`${file}: expected at most 65536 bytes, got more`);
    expect(pathOf('treasury-stellar')).toBe('legacy');
  });

  test('a file that is deleted keeps the last state', async () => {
    const { pathOf } = await open(START);
    await rm(file);
    await until(() => errors.length > 0);
    expect(pathOf('treasury-evm')).toBe('kms');
  });

  test('a listener that throws is reported', async () => {
    await writeFile(file, START);
    flag = await openPathFlag(
      file,
      [],
      () => {
        throw new Error('listener');
      },
      (error) => errors.push(error),
    );
    await replace(START.replace('legacy', 'kms'));
    await until(() => errors.length > 0);
    expect(errors).toEqual([new Error('listener')]);
    expect(flag.pathOf('treasury-stellar')).toBe('kms');
  });

  test('two flags do not know of each other', async () => {
    const first = await open(START);
    const other = join(folder, 'other.yaml');
    await writeFile(other, START.replace('legacy', 'kms'));
    const second = await openPathFlag(
      other,
      [],
      () => undefined,
      (error) => errors.push(error),
    );
    expect([first.pathOf('treasury-stellar'), second.pathOf('treasury-stellar')]).toEqual(['legacy', 'kms']);
    await second.close();
    expect(first.pathOf('treasury-stellar')).toBe('legacy');
  });

  test('after closing nothing is followed', async () => {
    const closed = await open(START);
    await replace(START.replace('legacy', 'kms'));
    await closed.close();
    const seen = changes;
    const second = await open(START.replace('legacy', 'kms'));
    await replace(START);
    await until(() => second.pathOf('treasury-stellar') === 'legacy');
    expect(closed.pathOf('treasury-stellar')).toBe(seen === 0 ? 'legacy' : 'kms');
  });
});

describe('at start', () => {
  test.each([
    ['a missing key', 'paths: { treasury-evm: kms }\n', 'expected the key treasury-stellar, got nothing'],
    ['another path', START.replace('kms', 'hsm'), 'flags.yaml'],
    ['an alias', 'paths: { treasury-stellar: &a kms, treasury-evm: *a }\n', 'flags.yaml'],
    ['an empty file', '', 'flags.yaml'],
  ])('%s refuses', async (_, text, message) => {
    await expect(open(text, ['treasury-stellar', 'treasury-evm'])).rejects.toMatchObject({
      name: 'CustodyError',
      code: 'MISCONFIGURED',
      message: expect.stringContaining(message),
    });
    expect(errors).toEqual([]);
  });

  test('a missing file refuses, naming it', async () => {
    const opening = openPathFlag(
      join(folder, 'none.yaml'),
      [],
      () => undefined,
      () => undefined,
    );
    await expect(opening).rejects.toMatchObject({
      code: 'MISCONFIGURED',
      message: expect.stringContaining('none.yaml'),
    });
  });
});

function writeFileInPlace(text: string): Promise<void> {
  return writeFile(file, text);
}
