import type { Quota } from '../quota.ts';

/** One signature's turn, which it takes anew for each attempt. */
export interface Turn extends Quota {
  /** Runs what the turn was taken for. It is over when that has ended, however long nobody waits for it any more. */
  spend<T>(run: () => Promise<T>): Promise<T>;
  /** Gives back a turn that was taken and not spent. */
  drop(): void;
}

export interface Turns {
  turn(): Turn;
}

/** So many turns at a time, first come, first served. One that waits leaves the queue when its signal fires. */
export function createTurns(atATime: number): Turns {
  let free = atATime;
  const waiting = new Set<(hasTurn: boolean) => void>();
  const giveBack = () => {
    const [next] = waiting;
    if (next === undefined) free++;
    else next(true);
  };

  return {
    turn() {
      let isHeld = false;
      const take = async (signal: AbortSignal): Promise<boolean> => {
        if (signal.aborted) return false;
        if (free > 0) {
          free--;
          return true;
        }
        return new Promise((resolve) => {
          const answer = (hasTurn: boolean) => {
            waiting.delete(answer);
            signal.removeEventListener('abort', giveUp);
            resolve(hasTurn);
          };
          const giveUp = () => answer(false);
          signal.addEventListener('abort', giveUp, { once: true });
          waiting.add(answer);
        });
      };
      return {
        async take(signal) {
          isHeld = await take(signal);
          return isHeld;
        },
        async spend(run) {
          isHeld = false;
          try {
            return await run();
          } finally {
            giveBack();
          }
        },
        drop() {
          if (isHeld) giveBack();
          isHeld = false;
        },
      };
    },
  };
}
