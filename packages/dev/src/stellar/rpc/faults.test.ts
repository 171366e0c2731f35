import { describe, expect, test } from '@jest/globals';
import { createFaults, faultRuleSchema } from './faults.ts';

describe('faults', () => {
  test('happen as often as they are told, in their order, to the method they name', () => {
    const faults = createFaults();
    faults.add({ fault: { kind: 'reset' }, method: 'getHealth', times: 2 });
    faults.add({ fault: { kind: 'hang' } });
    expect(faults.takeWire('sendTransaction')).toEqual({ kind: 'hang' });
    expect(faults.takeWire('getHealth')).toEqual({ kind: 'reset' });
    expect(faults.list()[0]).toMatchObject({ times: 1 });
    expect(faults.takeWire('getHealth')).toEqual({ kind: 'reset' });
    expect(faults.takeWire('getHealth')).toEqual({ kind: 'hang' });
    faults.clear();
    expect(faults.takeWire('getHealth')).toBeUndefined();
  });

  test('of submission and of the wire are told apart', () => {
    const faults = createFaults();
    faults.add({ fault: { kind: 'lose' }, times: 1 });
    expect(faults.takeWire('sendTransaction')).toBeUndefined();
    expect(faults.takeSubmission()).toEqual({ kind: 'lose' });
    expect(faults.takeSubmission()).toBeUndefined();
    faults.add({ fault: { kind: 'cut' } });
    expect(faults.takeSubmission()).toBeUndefined();
  });

  test.each([
    { fault: { kind: 'unheard-of' } },
    { fault: { kind: 'status', status: 200 } },
    { fault: { kind: 'hold', ledgers: 0 } },
    { fault: { kind: 'reset' }, times: 0 },
    { fault: { kind: 'reset' }, method: 'x', more: 1 },
  ])('%j is no fault', (rule) => {
    expect(faultRuleSchema.safeParse(rule).success).toBe(false);
  });
});
