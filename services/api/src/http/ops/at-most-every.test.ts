import { expect, test } from '@jest/globals';
import { atMostEvery } from './at-most-every.ts';

test('reads one at a time however often it is asked, and again when the last answer is old', async () => {
  let reads = 0;
  let time = 0;
  let answer: (value: number) => void = () => undefined;
  const ask = atMostEvery(
    2_000,
    () => time,
    () => {
      reads++;
      return new Promise<number>((resolve) => {
        answer = resolve;
      });
    },
  );
  const asked = [ask(), ask()];
  time = 60_000;
  asked.push(ask());
  expect(reads).toBe(1);
  answer(1);
  expect(await Promise.all(asked)).toEqual([1, 1, 1]);
  await Promise.resolve();
  const later = ask();
  expect(reads).toBe(2);
  answer(2);
  expect(await later).toBe(2);
  time += 1_999;
  expect(await ask()).toBe(2);
  expect(reads).toBe(2);
});
