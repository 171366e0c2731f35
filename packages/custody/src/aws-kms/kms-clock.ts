/** From here on a clock counts as wrong: KMS takes a request that is up to five minutes old. */
const LEAST_MS = 4 * 60_000;
/** A date that is further away is a mistake of whoever wrote it, and may lie where no request can be dated. */
const MOST_MS = 24 * 3_600_000;

/** What this machine's clock is off by, as far as answers have told. */
export interface KmsClock {
  /** To be added to this machine's time, ms. */
  readonly offsetMs: number;
  /** Takes the Date header of an answer, where it says that the offset is wrong; it is right for the next request. */
  correct(date: string | undefined): void;
}

export function createKmsClock(now: () => number = Date.now): KmsClock {
  let offsetMs = 0;
  return {
    get offsetMs() {
      return offsetMs;
    },
    correct(date) {
      const offset = Date.parse(date ?? '') - now();
      if (Number.isNaN(offset) || Math.abs(offset) > MOST_MS) return;
      if (Math.abs(offset - offsetMs) >= LEAST_MS) offsetMs = offset;
    },
  };
}
