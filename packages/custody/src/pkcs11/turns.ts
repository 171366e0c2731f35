/** One of so many that may be under way. */
export interface Turn {
  /** It is taken by a call that does not answer in time. */
  hang(): void;
  /** Gives it back, once. */
  end(): void;
}

export interface Turns {
  /** @returns undefined where the signal fired first, or where all turns are taken by calls that hang: nobody knows for how long. */
  take(signal: AbortSignal): Promise<Turn | undefined>;
}

/** So many turns at a time, first come, first served. One that waits leaves the queue when its signal fires. */
export function createTurns(atATime: number): Turns {
  let free = atATime;
  let hanging = 0;
  const waiting = new Set<(turn: Turn | undefined) => void>();

  const begun = (): Turn => {
    let state: 'taken' | 'hanging' | 'over' = 'taken';
    return {
      hang() {
        if (state !== 'taken') return;
        state = 'hanging';
        hanging++;
        if (hanging === atATime) for (const answer of waiting) answer(undefined);
      },
      end() {
        if (state === 'over') return;
        if (state === 'hanging') hanging--;
        state = 'over';
        const [next] = waiting;
        if (next === undefined) free++;
        else next(begun());
      },
    };
  };

  return {
    async take(signal) {
      if (signal.aborted || hanging === atATime) return undefined;
      if (free > 0) {
        free--;
        return begun();
      }
      return new Promise((resolve) => {
        const answer = (turn: Turn | undefined) => {
          waiting.delete(answer);
          signal.removeEventListener('abort', giveUp);
          resolve(turn);
        };
        const giveUp = () => answer(undefined);
        signal.addEventListener('abort', giveUp, { once: true });
        waiting.add(answer);
      });
    },
  };
}

/** A turn of each, taken one after the other: who waits for the second holds the first. */
export function bothOf(one: Turns, other: Turns): Turns {
  return {
    async take(signal) {
      const first = await one.take(signal);
      if (first === undefined) return undefined;
      const second = await other.take(signal);
      if (second === undefined) {
        first.end();
        return undefined;
      }
      const both = [first, second];
      return {
        hang: () => both.forEach((turn) => void turn.hang()),
        end: () => both.forEach((turn) => void turn.end()),
      };
    },
  };
}
