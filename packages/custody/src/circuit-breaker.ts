export interface CircuitRule {
  /** So many calls in a row that found the backend down open the circuit. */
  readonly failures: number;
  /** How long it stays open before one call tries again, ms; twice as long after each trial that failed, up to the second figure. */
  readonly openMs: readonly [first: number, longest: number];
}

export const CIRCUIT_RULE: CircuitRule = { failures: 10, openMs: [1_000, 15_000] };

/** How a call that was let through ended; `unknown` where it was cut off, or had failed before it was one. */
export type Ending = 'up' | 'down' | 'unknown';

/** Ends a backend's calls while it is down, so that nobody waits for a deadline to hear it. */
export interface CircuitBreaker {
  /** Whether `enter` would let a call through now. */
  readonly admits: boolean;
  /** @returns what to call when the call has ended, or undefined: the circuit is open, and the call is not to be made. */
  enter(): ((ending: Ending) => void) | undefined;
  /** Opens it, or keeps it open, without a call that has failed: where none can be made. */
  trip(): void;
}

/**
 * Closed, it lets all calls through. Open, it lets none through; after a pause one is let through as a trial, and closes it if it
 * finds the backend up.
 *
 * @param onChange told when it opens and when it closes
 * @param now milliseconds of a clock that never goes back
 */
export function createCircuitBreaker(
  { failures, openMs: [first, longest] }: CircuitRule = CIRCUIT_RULE,
  onChange: (isOpen: boolean) => void = () => {},
  now: () => number = () => performance.now(),
): CircuitBreaker {
  let inARow = 0;
  let opened: { readonly until: number; readonly pauseMs: number } | undefined;
  let trial = false;

  const close = () => {
    inARow = 0;
    if (opened === undefined) return;
    opened = undefined;
    onChange(false);
  };
  const open = (pauseMs: number) => {
    const wasClosed = opened === undefined;
    opened = { until: now() + pauseMs, pauseMs };
    if (wasClosed) onChange(true);
  };
  const openAgain = ({ pauseMs }: { readonly pauseMs: number }) => open(Math.min(pauseMs * 2, longest));

  const admits = () => opened === undefined || (!trial && now() >= opened.until);
  return {
    get admits() {
      return admits();
    },
    enter() {
      if (!admits()) return undefined;
      if (opened === undefined) {
        return (ending) => {
          if (ending === 'up') close();
          if (ending === 'down' && ++inARow >= failures && opened === undefined) open(first);
        };
      }
      trial = true;
      return (ending) => {
        trial = false;
        if (ending === 'up') close();
        if (ending === 'down' && opened !== undefined) openAgain(opened);
      };
    },
    trip() {
      // Many find at once that no call can be made: the pause grows once.
      if (!admits()) return;
      if (opened === undefined) open(first);
      else openAgain(opened);
    },
  };
}
