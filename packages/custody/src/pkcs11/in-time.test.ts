import { expect, jest, test } from '@jest/globals';
import { inTime } from './in-time.ts';

const turn = () => ({ hang: jest.fn(), end: jest.fn() });

test('an answer in time, or an error, ends the turn', async () => {
  const [one, other] = [turn(), turn()];
  expect(await inTime(one, 60_000, async () => 'answer')).toBe('answer');
  const refusal = new Error('refused');
  const refused = inTime(other, 60_000, () => {
    throw refusal;
  });
  await expect(refused).rejects.toBe(refusal);
  for (const { hang, end } of [one, other]) {
    expect(hang).not.toHaveBeenCalled();
    expect(end).toHaveBeenCalledTimes(1);
  }
});

test('a call without an answer hangs, is taken for a token that is down, and keeps its turn until it has ended', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const taken = turn();
  await expect(inTime(taken, 1, () => promise)).rejects.toMatchObject({
    errorCode: 'NO_ANSWER',
    message: 'no answer in 1 ms',
    meaning: { retryable: true, down: true },
  });
  expect(taken.hang).toHaveBeenCalledTimes(1);
  expect(taken.end).not.toHaveBeenCalled();
  reject(new Error('too late to be heard'));
  await expect(promise).rejects.toThrow('too late');
  expect(taken.end).toHaveBeenCalledTimes(1);
});
