import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createDenialBudget } from './denial-budget.ts';

const API = 'spiffe://countersign.dev/api';
const AT = new Date('2026-11-20T12:00:00Z');
const later = (ms: number) => new Date(AT.getTime() + ms);

describe('createDenialBudget', () => {
  test('the first refusals have events of their own, the others are counted by code', () => {
    const budget = createDenialBudget({ perSecond: 1, burst: 2 }, () => 0);
    const own = ['POLICY_DENIED', 'POLICY_DENIED', 'POLICY_DENIED', 'INVALID_REQUEST', 'POLICY_DENIED'].map((code, i) =>
      budget.take(API, code, later(i)),
    );
    expect(own).toEqual([true, true, false, false, false]);
    const counts = new Map([
      ['POLICY_DENIED', 2],
      ['INVALID_REQUEST', 1],
    ]);
    expect(budget.drain()).toEqual([{ caller: API, since: later(2), counts }]);
    expect(budget.drain()).toEqual([]);
  });

  test('time brings events back, and one caller takes none of another', () => {
    let now = 0;
    const budget = createDenialBudget({ perSecond: 1, burst: 1 }, () => now);
    expect([budget.take(API, 'X', AT), budget.take(API, 'X', AT)]).toEqual([true, false]);
    expect(budget.take('spiffe://countersign.dev/other', 'X', AT)).toBe(true);
    now = 1_000;
    expect(budget.take(API, 'X', AT)).toBe(true);
  });

  test('a summary that could not be written is part of the next', () => {
    const budget = createDenialBudget({ perSecond: 1, burst: 1 }, () => 0);
    budget.count(API, 'THROTTLED', AT);
    const [summary] = budget.drain();
    budget.count(API, 'THROTTLED', later(50));
    if (summary !== undefined) budget.putBack(summary);
    expect(budget.drain()).toEqual([{ caller: API, since: AT, counts: new Map([['THROTTLED', 2]]) }]);
  });

  test('a flood of names is few summaries, and no refusal is lost', () => {
    const names = fc.array(fc.nat({ max: 3_000 }), { maxLength: 3_000 });
    fc.assert(
      fc.property(names, (callers) => {
        const budget = createDenialBudget({ perSecond: 1, burst: 1 }, () => 0);
        const own = callers.filter((caller) => budget.take(`spiffe://x/${caller}`, 'X', AT)).length;
        const summaries = budget.drain();
        expect(summaries.length).toBeLessThanOrEqual(513);
        const counted = summaries.reduce((sum, { counts }) => sum + (counts.get('X') ?? 0), 0);
        expect(own + counted).toBe(callers.length);
      }),
      { numRuns: 20 },
    );
  });
});
