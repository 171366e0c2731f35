import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import { createLogger } from '@countersign/runtime/log';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createDenialBudget, type DenialBudget } from './denial-budget.ts';
import { type DenialSummaries, startDenialSummaries } from './denial-summaries.ts';

const AT = new Date('2026-11-20T12:00:00Z');
const ROUND_MS = 5_000;

let budget: DenialBudget;
let summaries: DenialSummaries;
/** Events that the store was given, and has not answered for. */
let asked: { readonly event: AuditEvent; answer(): void; fail(): void }[];

beforeEach(() => {
  jest.useFakeTimers();
  asked = [];
  budget = createDenialBudget({ perSecond: 1, burst: 1 }, () => 0);
  const leave = (event: AuditEvent): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = () => reject(new CountersignError('STORE_UNAVAILABLE', 'the database does not answer'));
      asked.push({ event, answer: resolve, fail });
    });
  const log = createLogger({ service: 'test', level: 'silent' });
  summaries = startDenialSummaries({ budget, store: { leave }, clock: () => AT, log });
});
afterEach(() => {
  jest.useRealTimers();
});

/** So many callers are refused once. */
const refuse = (callers: number) => {
  for (let i = 0; i < callers; i++) budget.count(`spiffe://x/${i}`, 'THROTTLED', AT);
};
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);
/** Answers, or fails, whatever is asked and will be asked at once. */
const settle = async (how: 'answer' | 'fail') => {
  while (asked.length > 0) {
    for (const one of asked.splice(0)) one[how]();
    await pass(0);
  }
};
const callersAsked = () => asked.map(({ event }) => event.userIdentity.principalId);

describe('startDenialSummaries', () => {
  test('the summaries of a round are written together, as many as share a commit', async () => {
    refuse(100);
    await pass(ROUND_MS);
    expect(asked).toHaveLength(64);
    for (const { answer } of asked.splice(0)) answer();
    await pass(0);
    expect(callersAsked()).toEqual(Array.from({ length: 36 }, (_, i) => `spiffe://x/${i + 64}`));
    await settle('answer');
    expect(budget.drain()).toEqual([]);
  });

  test('while a round is under way no other begins, and none has gathered behind it', async () => {
    refuse(1);
    await pass(20 * ROUND_MS);
    refuse(1);
    expect(asked).toHaveLength(1);
    for (const { fail } of asked.splice(0)) fail();
    await pass(0);
    expect(asked).toHaveLength(0);
    await pass(ROUND_MS);
    expect(asked).toMatchObject([{ event: { additionalEventData: { counts: { THROTTLED: 2 } } } }]);
  });

  test('where the store does not answer, the others are not tried in that round, and nobody is forgotten', async () => {
    refuse(512);
    await pass(ROUND_MS);
    expect(asked).toHaveLength(64);
    asked.shift()?.fail();
    await settle('answer');
    expect(budget.drain()).toHaveLength(512 - 63);
  });

  test('closing waits for the round and writes the rest', async () => {
    refuse(1);
    await pass(ROUND_MS);
    const closed = summaries.close();
    budget.count('spiffe://x/late', 'THROTTLED', AT);
    await settle('answer');
    await closed;
    expect(budget.drain()).toEqual([]);
  });

  test('closing tries once, whatever becomes of it', async () => {
    refuse(512);
    const closed = summaries.close();
    await pass(0);
    expect(asked).toHaveLength(64);
    await settle('fail');
    await closed;
    expect(budget.drain()).toHaveLength(512);
  });

  test('closing does not wait for a store that does not answer, and asks nothing of it later', async () => {
    refuse(512);
    await pass(ROUND_MS);
    const closed = summaries.close();
    await pass(3_000);
    await closed;
    await settle('answer');
    expect(budget.drain()).toHaveLength(512 - 64);
  });
});
