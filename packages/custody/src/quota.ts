import { createTokenBucket, type Rate } from '@countersign/runtime/token-bucket';

/** Of what is allowed in a second so much may come at once: a backend counts the second as it likes. */
export const BURST_SHARE = 10;

/** A rate that calls are held to by waiting for their turn, first come, first served. */
export interface Quota {
  /** @returns false where the signal fired before there was a turn, or where none is to be had: then none was taken. */
  take(signal: AbortSignal): Promise<boolean>;
}

export function createQuota(rate: Rate): Quota {
  const bucket = createTokenBucket(rate);
  const waiting = new Set<(hasTurn: boolean) => void>();
  let timer: NodeJS.Timeout | undefined;

  const serve = () => {
    timer = undefined;
    for (const answer of waiting) {
      if (!bucket.take()) break;
      answer(true);
    }
    serveLater();
  };
  const serveLater = () => {
    // A timer may fire a fraction of a millisecond early, before the token is whole.
    if (waiting.size > 0) timer ??= setTimeout(serve, Math.ceil(1000 / rate.perSecond) + 1);
  };

  return {
    async take(signal) {
      if (signal.aborted) return false;
      if (waiting.size === 0 && bucket.take()) return true;
      return new Promise((resolve) => {
        const answer = (hasTurn: boolean) => {
          waiting.delete(answer);
          if (waiting.size === 0) timer = void clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          resolve(hasTurn);
        };
        const giveUp = () => answer(false);
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.add(answer);
        serveLater();
      });
    },
  };
}
