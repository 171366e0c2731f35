import { createSharedTable } from '@countersign/runtime/shared-table';
import { createTokenBucket, type Rate, type TokenBucket } from '@countersign/runtime/token-bucket';

/** A read leaves an event, a signature two and a call to a key backend; a watch is a stream that stays. */
export type CallKind = 'sign' | 'read' | 'watch';

export interface CallLimits {
  /** Calls of one caller that are worked on at once. */
  readonly maxInFlight: number;
  /** Calls to sign of one caller. */
  readonly rate: Rate;
}

/** Who is at the other end, for the books of the wall alone: it opens nothing. */
export interface Caller {
  /** The SPIFFE ID, or the address of a peer that has none. */
  readonly name: string;
  /** Whether policy lets it use any key. */
  readonly known: boolean;
}

export type Throttle = 'in_flight' | 'rate';

export interface CallGate {
  /** @returns what gives the place back, once; or the limit that is reached, and then nothing is taken. */
  admit(caller: Caller, kind: CallKind): (() => void) | Throttle;
}

const READS: Rate = { perSecond: 50, burst: 200 };
const MAX_WATCHES = 8;
// Whoever no policy names can be told no, and ask after the signer's health.
const STRANGER: CallLimits = { maxInFlight: 8, rate: { perSecond: 20, burst: 40 } };
const MAX_STRANGERS = 512;
const MAX_IN_FLIGHT_OF_STRANGERS = 64;

interface Account {
  readonly maxInFlight: number;
  readonly buckets: Readonly<Record<CallKind, TokenBucket>>;
  inFlight: number;
  watches: number;
}

/** Counts what each caller has under way and how much it asked for lately. Memory is bounded, whatever names come. */
export function createCallGate(limits: CallLimits, now: () => number = () => performance.now()): CallGate {
  const open = ({ maxInFlight, rate }: CallLimits): Account => ({
    maxInFlight,
    buckets: {
      sign: createTokenBucket(rate, now),
      read: createTokenBucket(READS, now),
      watch: createTokenBucket(READS, now),
    },
    inFlight: 0,
    watches: 0,
  });
  // As many as policy names.
  const known = new Map<string, Account>();
  const strangers = createSharedTable(
    {
      max: MAX_STRANGERS,
      create: () => open(STRANGER),
      isIdle: ({ buckets, inFlight, watches }) =>
        inFlight === 0 && watches === 0 && Object.values(buckets).every((bucket) => bucket.isFull()),
    },
    now,
  );
  let strangersInFlight = 0;

  const accountOf = (caller: Caller): Account => {
    if (!caller.known) return strangers.of(caller.name);
    const account = known.get(caller.name) ?? open(limits);
    known.set(caller.name, account);
    return account;
  };
  const isFull = (account: Account, kind: CallKind, isKnown: boolean): boolean => {
    if (!isKnown && strangersInFlight >= MAX_IN_FLIGHT_OF_STRANGERS) return true;
    return kind === 'watch' ? account.watches >= MAX_WATCHES : account.inFlight >= account.maxInFlight;
  };
  const add = (account: Account, kind: CallKind, isKnown: boolean, change: 1 | -1) => {
    if (kind === 'watch') account.watches += change;
    else account.inFlight += change;
    if (!isKnown) strangersInFlight += change;
  };

  return {
    admit: (caller, kind) => {
      const account = accountOf(caller);
      if (isFull(account, kind, caller.known)) return 'in_flight';
      if (!account.buckets[kind].take()) return 'rate';
      add(account, kind, caller.known, 1);
      let held = true;
      return () => {
        if (held) add(account, kind, caller.known, -1);
        held = false;
      };
    },
  };
}
