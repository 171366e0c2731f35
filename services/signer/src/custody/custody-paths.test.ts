import { setTimeout as pause } from 'node:timers/promises';
import { CountersignError } from '@countersign/contract/errors';
import type { CustodyPath } from '@countersign/custody/flag';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type CustodyPaths, openCustodyPaths } from './custody-paths.ts';

let paths: CustodyPaths;
let wanted: Map<string, CustodyPath>;
/** What the database says: nothing against it, a reason, or no answer. */
let answers: (string | Error | undefined)[];
let seen: string[];

beforeEach(() => {
  wanted = new Map([['one', 'legacy'] as const, ['two', 'kms'] as const]);
  answers = [];
  seen = [];
  paths = openCustodyPaths({
    first: new Map(wanted),
    wanted: (key) => wanted.get(key) ?? 'kms',
    accept: async ({ key, from, to }) => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      seen.push(`${key} ${from} to ${to}: ${answer ?? 'yes'}`);
      return answer;
    },
    onChange: ({ key }) => seen.push(`${key} changed`),
    onRefused: ({ key }, problem) => seen.push(`${key} refused: ${problem}`),
    onWaiting: ({ key }, error) => seen.push(`${key} waits: ${error}`),
    onLook: (key, isPending) => isPending && seen.push(`${key} pending`),
    retryMs: 5,
  });
});
afterEach(async () => {
  await paths[Symbol.asyncDispose]();
});

const both = () => [paths.pathOf('one'), paths.pathOf('two')];
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(2);
}

test('a path is in force once the database has said yes, and not before', async () => {
  wanted.set('one', 'kms');
  expect(both()).toEqual(['legacy', 'kms']);
  await paths.reconsider();
  expect(both()).toEqual(['kms', 'kms']);
  expect(seen).toEqual(['one legacy to kms: yes', 'one changed']);
  await paths.reconsider();
  expect(seen).toHaveLength(2);
});

test('one that is refused is asked for again when somebody says so, and forgotten when the flag is back', async () => {
  wanted.set('two', 'legacy');
  answers = ['no', undefined];
  await paths.reconsider();
  expect(both()).toEqual(['legacy', 'kms']);
  expect(seen).toEqual(['two kms to legacy: no', 'two refused: no', 'two pending']);
  wanted.set('two', 'kms');
  await paths.reconsider();
  expect(seen).toHaveLength(3);
  wanted.set('two', 'legacy');
  await paths.reconsider();
  expect(both()).toEqual(['legacy', 'legacy']);
});

test('while the database does not answer the path stays, and it is asked again by itself; another key does not wait', async () => {
  const gone = new CountersignError('STORE_UNAVAILABLE', 'gone');
  wanted.set('one', 'kms').set('two', 'shadow');
  answers = [gone, undefined, gone];
  await paths.reconsider();
  expect(both()).toEqual(['legacy', 'shadow']);
  await until(() => paths.pathOf('one') === 'kms');
  expect(seen.filter((line) => line.includes('waits'))).toHaveLength(2);
});

test('a path that may have been granted without a word is asserted again when the flag is back', async () => {
  wanted.set('two', 'legacy');
  answers = [new CountersignError('STORE_UNAVAILABLE', 'no answer to the commit')];
  await paths.reconsider();
  wanted.set('two', 'kms');
  await until(() => seen.includes('two kms to kms: yes'));
  expect(both()).toEqual(['legacy', 'kms']);
  expect(seen).not.toContain('two changed');
  await paths.reconsider();
  expect(seen.filter((line) => line.startsWith('two kms to'))).toHaveLength(1);
});

test('after it is closed nothing changes', async () => {
  await paths[Symbol.asyncDispose]();
  wanted.set('one', 'kms');
  await paths.reconsider();
  expect(both()).toEqual(['legacy', 'kms']);
  expect(seen).toEqual([]);
});

test('a key that nobody has registered has no path', () => {
  expect(() => paths.pathOf('three')).toThrow('key three: expected a custody path');
});
