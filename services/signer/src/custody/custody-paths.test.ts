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
    restMs: 0,
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

test('where kms may have been granted without a word, the database has to say so before the key goes anywhere else', async () => {
  wanted.set('one', 'kms');
  answers = [new CountersignError('STORE_UNAVAILABLE', 'no answer to the commit'), undefined, 'it has been on kms'];
  await paths.reconsider();
  expect(seen.at(-1)).toBe('one pending');
  wanted.set('one', 'legacy');
  seen = [];
  await until(() => seen.includes('one pending'));
  expect(seen).toEqual([
    'one legacy to kms: yes',
    'one changed',
    'one kms to legacy: it has been on kms',
    'one refused: it has been on kms',
    'one pending',
  ]);
  expect(both()).toEqual(['kms', 'kms']);
});

test('where a way back may have been granted without a word, the key is where it was, and a flag that is put back asks nobody', async () => {
  wanted.set('two', 'legacy');
  answers = [new CountersignError('STORE_UNAVAILABLE', 'no answer to the commit')];
  await paths.reconsider();
  wanted.set('two', 'kms');
  seen = [];
  await paths.reconsider();
  expect([both(), seen]).toEqual([['legacy', 'kms'], []]);
});

test('changes come no faster than one look after the other, with a rest between them', async () => {
  let looks = 0;
  await using slow = openCustodyPaths({
    first: new Map([['one', 'legacy']]),
    wanted: () => (looks++ % 2 === 0 ? 'shadow' : 'legacy'),
    accept: async () => undefined,
    onChange: () => undefined,
    onRefused: () => undefined,
    onWaiting: () => undefined,
    onLook: () => undefined,
    restMs: 100,
  });
  await slow.reconsider();
  const start = performance.now();
  await Promise.all(Array.from({ length: 100 }, () => slow.reconsider()));
  expect(looks).toBe(2);
  expect(performance.now() - start).toBeGreaterThan(90);
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
