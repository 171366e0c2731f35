import { expect, test } from '@jest/globals';
import { createKmsClock } from './kms-clock.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const dated = (offsetMs: number) => new Date(NOW + offsetMs).toUTCString();
const afterwards = (...dates: readonly (string | undefined)[]) => {
  const clock = createKmsClock(() => NOW);
  for (const date of dates) clock.correct(date);
  return clock.offsetMs;
};

test.each([10 * MINUTE, -10 * MINUTE, 24 * HOUR, -24 * HOUR])('an answer of %d ms away is taken', (offset) => {
  expect(afterwards(dated(offset))).toBe(offset);
});

test('and taken back by the next one', () => {
  expect(afterwards(dated(23 * HOUR), dated(0))).toBe(0);
});

test.each<[what: string, date: string | undefined]>([
  ['none', undefined],
  ['no date', 'yesterday'],
  ['one of more than a day ahead', dated(24 * HOUR + 1000)],
  ['one of more than a day behind', dated(-24 * HOUR - 1000)],
  ['the last one that there is', 'Sat, 13 Sep 275760 00:00:00 GMT'],
])('%s changes nothing', (_, date) => {
  expect(afterwards(date)).toBe(0);
  expect(afterwards(dated(10 * MINUTE), date)).toBe(10 * MINUTE);
});

test('nor does one that is near enough', () => {
  expect(afterwards(dated(3 * MINUTE))).toBe(0);
  expect(afterwards(dated(10 * MINUTE), dated(13 * MINUTE))).toBe(10 * MINUTE);
});
