export interface Rate {
  readonly perSecond: number;
  /** As many at once, after a quiet time. */
  readonly burst: number;
}

/** A rate with a memory of one number: every use takes a token, and time brings tokens back, up to `burst`. */
export interface TokenBucket {
  /** @returns false where there is no token: then nothing is taken. */
  take(): boolean;
  /** True when nothing has been used for so long that a new bucket would be no different. */
  isFull(): boolean;
}

/** @param now milliseconds of a clock that never goes back */
export function createTokenBucket(
  { perSecond, burst }: Rate,
  now: () => number = () => performance.now(),
): TokenBucket {
  let tokens = burst;
  let at = now();
  const refill = () => {
    const time = now();
    tokens = Math.min(burst, tokens + ((time - at) / 1000) * perSecond);
    at = time;
  };
  return {
    take: () => {
      refill();
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    isFull: () => {
      refill();
      return tokens >= burst;
    },
  };
}
