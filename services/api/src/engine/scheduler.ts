import type { Logger } from '@countersign/runtime/log';
import type { Pool } from '@countersign/runtime/postgres';
import { backoffMs } from './backoff.ts';
import { StaleError } from './commit.ts';
import { after, BACKOFF, type Next } from './next.ts';
import { openSession, type Session } from './session.ts';
import type { Timing } from './timing.ts';
import { dueUnits, ensureUnits, pokeIdle, readIfDue, settleUnit, UNIT_IS_DUE } from './work.ts';

/** A piece of work that is done step by step, by one worker at a time. */
export interface Unit {
  readonly name: string;
  /** Whether new payouts are its concern. */
  readonly takesPayouts: boolean;
  /** Does one step, stores what came of it, and says when the next one is due. */
  step(): Promise<Next>;
  /** Told of a step that threw; the unit is tried again later. */
  failed(error: unknown): void;
}

export interface SchedulerOptions {
  readonly pool: Pool;
  readonly units: readonly Unit[];
  readonly timing: Timing;
  readonly log: Logger;
}

const MOST_AT_ONCE = 12;
const STALE_PAUSE_MS = 20;

/**
 * Works on units when they are due: woken by notifications and by time. All it knows is in the database, so any number of
 * processes may run one.
 */
export function createScheduler({ pool, units, timing, log }: SchedulerOptions): {
  start(): void;
  stop(): Promise<void>;
} {
  const byName = new Map(units.map((unit) => [unit.name, unit]));
  const names = [...byName.keys()];
  const takers = units.filter((unit) => unit.takesPayouts).map((unit) => unit.name);
  const running = new Map<string, Promise<void>>();
  // Units that another replica works on, and when to ask again.
  const elsewhere = new Map<string, number>();
  const bell = createBell();
  let session: Session | undefined;
  let newPayouts = false;
  let stopping = false;
  let looping: Promise<void> | undefined;

  const connect = async (): Promise<Session> => {
    const opened = await openSession(pool, {
      notified: (payload) => {
        newPayouts ||= payload !== UNIT_IS_DUE;
        bell.ring();
      },
      lost: (error) => {
        session = undefined;
        log.warn({ err: error }, 'the engine lost its database session');
        bell.ring();
      },
    });
    try {
      await ensureUnits(pool, names);
    } catch (error) {
      opened.close();
      throw error;
    }
    return opened;
  };

  /** One look at what is due; returns how long to sleep. */
  const look = async (): Promise<number> => {
    session ??= await connect();
    if (newPayouts) {
      newPayouts = false;
      await pokeIdle(pool, takers);
    }
    let sleepMs = timing.idleMs;
    for (const { unit, dueIn } of await dueUnits(pool, names, timing.idleMs)) {
      if (running.has(unit)) continue;
      const wait = Math.max(dueIn, (elsewhere.get(unit) ?? 0) - performance.now());
      if (wait > 0) sleepMs = Math.min(sleepMs, wait);
      // With every place taken, the first that comes free rings the bell.
      else if (running.size < MOST_AT_ONCE) launch(session, unit);
    }
    return sleepMs;
  };

  const launch = (held: Session, name: string) => {
    const done = work(held, name)
      .catch((error: unknown) => log.warn({ err: error, unit: name }, 'the engine could not keep its books'))
      .finally(() => {
        running.delete(name);
        bell.ring();
      });
    running.set(name, done);
  };

  const work = async (held: Session, name: string): Promise<void> => {
    const unit = byName.get(name);
    if (unit === undefined) return;
    if (!(await held.lock(name))) {
      elsewhere.set(name, performance.now() + timing.backoffMs.first);
      return;
    }
    elsewhere.delete(name);
    try {
      for (;;) {
        const seen = await readIfDue(pool, name);
        if (seen === undefined || stopping || session !== held) return;
        await settleUnit(pool, name, seen, await stepOf(unit), timing);
      }
    } finally {
      await held.unlock(name);
    }
  };

  const loop = async (): Promise<void> => {
    for (let failures = 0; !stopping; ) {
      let sleepMs: number;
      try {
        sleepMs = await look();
        failures = 0;
      } catch (error) {
        failures++;
        sleepMs = backoffMs(failures, timing.backoffMs, Math.random());
        log.warn({ err: error, failures }, 'the engine cannot reach its database');
      }
      await bell.wait(sleepMs);
    }
  };

  return {
    start: () => {
      looping ??= loop();
    },
    stop: async () => {
      stopping = true;
      bell.ring();
      await looping;
      await Promise.all(running.values());
      session?.close();
    },
  };
}

async function stepOf(unit: Unit): Promise<Next> {
  try {
    return await unit.step();
  } catch (error) {
    if (error instanceof StaleError) return after(STALE_PAUSE_MS);
    unit.failed(error);
    return BACKOFF;
  }
}

/** Wakes a sleeper; a ring while nobody sleeps is kept for the next one. */
function createBell(): { ring(): void; wait(ms: number): Promise<void> } {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      rung = true;
      wake?.();
    },
    wait: async (ms) => {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      rung = false;
    },
  };
}
