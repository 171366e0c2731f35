import { expect, test } from '@jest/globals';
import { bothOf, createTurns, type Turn } from './turns.ts';

const never = new AbortController().signal;

/** A turn that there is. */
async function taken(turn: Promise<Turn | undefined>): Promise<Turn> {
  const one = await turn;
  if (one === undefined) throw new Error('expected a turn, got none');
  return one;
}

test('so many are taken at once; the others get theirs in the order they came', async () => {
  const turns = createTurns(2);
  const log: string[] = [];
  const [one, two] = [await taken(turns.take(never)), await taken(turns.take(never))];
  const later = ['three', 'four'].map(async (name) => {
    await turns.take(never);
    log.push(name);
  });
  expect(log).toEqual([]);
  one.end();
  await later[0];
  expect(log).toEqual(['three']);
  two.end();
  await Promise.all(later);
  expect(log).toEqual(['three', 'four']);
});

test('one that waits leaves the queue when its signal fires, and the next one moves up', async () => {
  const turns = createTurns(1);
  const one = await taken(turns.take(never));
  const deadline = new AbortController();
  const [leaving, staying] = [turns.take(deadline.signal), turns.take(never)];
  deadline.abort();
  expect(await leaving).toBeUndefined();
  one.end();
  await taken(staying);
});

test('after its signal has fired none is taken', async () => {
  const turns = createTurns(1);
  expect(await turns.take(AbortSignal.abort())).toBeUndefined();
  await taken(turns.take(never));
});

test('a turn is given back once', async () => {
  const turns = createTurns(1);
  const turn = await taken(turns.take(never));
  turn.end();
  turn.end();
  await taken(turns.take(never));
  const waiting = new AbortController();
  const refused = turns.take(waiting.signal);
  waiting.abort();
  expect(await refused).toBeUndefined();
});

test('once all turns hang nobody waits for one, until one of them has ended', async () => {
  const turns = createTurns(2);
  const [one, two] = [await taken(turns.take(never)), await taken(turns.take(never))];
  const waiting = [turns.take(never), turns.take(never)];
  one.hang();
  one.hang();
  const third = turns.take(never);
  two.hang();
  expect(await Promise.all([...waiting, third])).toEqual([undefined, undefined, undefined]);
  expect(await turns.take(never)).toBeUndefined();
  one.end();
  one.hang();
  await taken(turns.take(never));
  const last = turns.take(never);
  two.end();
  await taken(last);
});

test('a turn of both holds one of each; without the second the first is free again', async () => {
  const [sessions, threads] = [createTurns(2), createTurns(1)];
  const both = bothOf(sessions, threads);
  const one = await taken(both.take(never));
  const deadline = new AbortController();
  const waiting = both.take(deadline.signal);
  deadline.abort();
  expect(await waiting).toBeUndefined();
  const alone = await taken(sessions.take(never));
  alone.end();
  one.hang();
  expect(await both.take(never)).toBeUndefined();
  one.end();
  await taken(both.take(never));
  await taken(sessions.take(never));
});
