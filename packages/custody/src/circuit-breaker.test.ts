import { beforeEach, describe, expect, test } from '@jest/globals';
import { type CircuitBreaker, createCircuitBreaker, type Ending } from './circuit-breaker.ts';

let time: number;
let changes: boolean[];
let circuit: CircuitBreaker;
beforeEach(() => {
  time = 0;
  changes = [];
  circuit = createCircuitBreaker(
    { failures: 3, openMs: [1_000, 3_000] },
    (isOpen) => changes.push(isOpen),
    () => time,
  );
});

/** Makes one call. @returns whether it was let through */
function call(ending: Ending): boolean {
  const ended = circuit.enter();
  ended?.(ending);
  return ended !== undefined;
}

function breakIt(): void {
  for (const ending of ['down', 'down', 'down'] as const) call(ending);
}

describe('a circuit breaker', () => {
  test('opens after so many failures in a row; one success in between counts from the start again', () => {
    for (const ending of ['down', 'down', 'up', 'down', 'down'] as const) call(ending);
    expect(circuit.admits).toBe(true);
    call('down');
    expect(circuit.admits).toBe(false);
    expect(call('up')).toBe(false);
    expect(changes).toEqual([true]);
  });

  test('a call that was cut off counts for nothing', () => {
    for (const ending of ['down', 'down', 'unknown', 'unknown', 'unknown'] as const) call(ending);
    expect(circuit.admits).toBe(true);
  });

  test('after its pause one call is let through, and no second one beside it; it closes the circuit', () => {
    breakIt();
    time = 999;
    expect(circuit.enter()).toBeUndefined();
    time = 1_000;
    const ended = circuit.enter();
    expect(ended).toBeDefined();
    expect(circuit.enter()).toBeUndefined();
    ended?.('up');
    expect(circuit.admits).toBe(true);
    expect(changes).toEqual([true, false]);
    // Closed is closed: the failures before are forgotten.
    call('down');
    expect(circuit.admits).toBe(true);
  });

  test('each trial that fails doubles the pause, up to the longest', () => {
    breakIt();
    const pauses: number[] = [];
    for (let trials = 0; trials < 4; trials++) {
      const from = time;
      while (!call('down')) time += 1;
      pauses.push(time - from);
    }
    expect(pauses).toEqual([1_000, 2_000, 3_000, 3_000]);
    expect(changes).toEqual([true]);
  });

  test('it is opened without a call where none can be made; many who find that are one', () => {
    circuit.trip();
    circuit.trip();
    expect(circuit.admits).toBe(false);
    time = 1_000;
    expect(circuit.admits).toBe(true);
    circuit.trip();
    circuit.trip();
    time = 2_999;
    expect(circuit.admits).toBe(false);
    time = 3_000;
    expect(call('up')).toBe(true);
    expect(changes).toEqual([true, false]);
  });

  test('a trial that was cut off is made again at once', () => {
    breakIt();
    time = 1_000;
    call('unknown');
    expect(circuit.admits).toBe(true);
    expect(call('up')).toBe(true);
    expect(changes).toEqual([true, false]);
  });

  test('of calls that began before it opened, a success closes it, and failures do not hold it open longer', () => {
    const [early, late] = [circuit.enter(), circuit.enter()];
    breakIt();
    time = 500;
    late?.('down');
    time = 1_000;
    expect(circuit.admits).toBe(true);
    early?.('up');
    expect(changes).toEqual([true, false]);
  });
});
