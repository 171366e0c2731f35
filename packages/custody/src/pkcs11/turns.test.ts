import { expect, test } from '@jest/globals';
import { createTurns, type Turn } from './turns.ts';

const never = new AbortController().signal;

/** A turn that is spent until `end` is called. */
function held(turn: Turn) {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  return { ended: turn.spend(() => promise), end };
}

test('so many are taken at once; the others get theirs in the order they came', async () => {
  const turns = createTurns(2);
  const log: string[] = [];
  const [one, two, three, four] = [turns.turn(), turns.turn(), turns.turn(), turns.turn()];
  expect([await one.take(never), await two.take(never)]).toEqual([true, true]);
  const later = [three.take(never).then(() => log.push('three')), four.take(never).then(() => log.push('four'))];
  const [first, second] = [held(one), held(two)];
  expect(log).toEqual([]);
  first.end();
  await first.ended;
  await later[0];
  expect(log).toEqual(['three']);
  second.end();
  await Promise.all(later);
  expect(log).toEqual(['three', 'four']);
});

test('one that waits leaves the queue when its signal fires, and the next one moves up', async () => {
  const turns = createTurns(1);
  const [one, two, three] = [turns.turn(), turns.turn(), turns.turn()];
  await one.take(never);
  const deadline = new AbortController();
  const [leaving, staying] = [two.take(deadline.signal), three.take(never)];
  deadline.abort();
  expect(await leaving).toBe(false);
  two.drop();
  one.drop();
  expect(await staying).toBe(true);
});

test('after its signal has fired none is taken', async () => {
  const turns = createTurns(1);
  expect(await turns.turn().take(AbortSignal.abort())).toBe(false);
  expect(await turns.turn().take(never)).toBe(true);
});

test('a turn is given back once: after a call that failed, or unspent', async () => {
  const turns = createTurns(1);
  const turn = turns.turn();
  await turn.take(never);
  await expect(turn.spend(async () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  turn.drop();
  expect(await turn.take(never)).toBe(true);
  turn.drop();
  turn.drop();
  const [next, afterNext] = [turns.turn(), turns.turn()];
  expect(await next.take(never)).toBe(true);
  const waiting = new AbortController();
  const refused = afterNext.take(waiting.signal);
  waiting.abort();
  expect(await refused).toBe(false);
});
