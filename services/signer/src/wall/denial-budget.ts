import { createSharedTable, OTHERS } from '@countersign/runtime/shared-table';
import { createTokenBucket, type Rate, type TokenBucket } from '@countersign/runtime/token-bucket';

/** The refusals of one caller that have no event of their own. */
export interface DenialSummary {
  /** The SPIFFE ID or address of the caller, or `others`. */
  readonly caller: string;
  /** When the first of them was. */
  readonly since: Date;
  /** How many, by error code. */
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Keeps a flood of refusals from filling the audit log and the database behind it: each caller may cause so many events of
 * refusals a second, and what is beyond is counted.
 */
export interface DenialBudget {
  /** @returns true where this refusal has an event of its own; else it has been counted. */
  take(caller: string, code: string, at: Date): boolean;
  /** Counts one that never has an event of its own. */
  count(caller: string, code: string, at: Date): void;
  /** What was counted since the last time, by caller. */
  drain(): DenialSummary[];
  /** Takes a summary back that could not be written: it is part of the next one. */
  putBack(summary: DenialSummary): void;
}

const MAX_CALLERS = 512;

interface Account {
  readonly caller: string;
  readonly bucket: TokenBucket;
}

export function createDenialBudget(rate: Rate, now: () => number = () => performance.now()): DenialBudget {
  let counted = new Map<string, { since: Date; counts: Map<string, number> }>();
  const accounts = createSharedTable<Account>(
    {
      max: MAX_CALLERS,
      create: (caller) => ({ caller, bucket: createTokenBucket(rate, now) }),
      isIdle: ({ caller, bucket }) => bucket.isFull() && !counted.has(caller),
    },
    now,
  );
  const add = (name: string, code: string, many: number, at: Date) => {
    const caller = counted.has(name) || counted.size < MAX_CALLERS ? name : OTHERS;
    const found = counted.get(caller) ?? { since: at, counts: new Map<string, number>() };
    if (at < found.since) found.since = at;
    found.counts.set(code, (found.counts.get(code) ?? 0) + many);
    counted.set(caller, found);
  };
  return {
    take: (name, code, at) => {
      const { caller, bucket } = accounts.of(name);
      const own = bucket.take();
      if (!own) add(caller, code, 1, at);
      return own;
    },
    count: (name, code, at) => add(accounts.of(name).caller, code, 1, at),
    drain: () => {
      const drained = [...counted].map(([caller, { since, counts }]) => ({ caller, since, counts }));
      counted = new Map();
      return drained;
    },
    putBack: ({ caller, since, counts }) => {
      for (const [code, many] of counts) add(caller, code, many, since);
    },
  };
}
