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
  /** How many callers are kept in mind. */
  readonly size: number;
}

const READS: Rate = { perSecond: 50, burst: 200 };
const MAX_WATCHES = 8;
// Whoever no policy names can be told no, and ask after the signer's health.
const STRANGER: CallLimits = { maxInFlight: 8, rate: { perSecond: 20, burst: 40 } };
const MAX_STRANGERS = 512;

/** Watches have places of their own: they stay, and would leave none for calls. */
interface Places {
  call: number;
  watch: number;
}
const PLACES_OF_STRANGERS: Readonly<Places> = { call: 64, watch: 64 };

interface Account {
  readonly places: Readonly<Places>;
  readonly taken: Places;
  readonly buckets: Readonly<Record<CallKind, TokenBucket>>;
}

/** Counts what each caller has under way and how much it asked for lately. Memory is bounded, whatever names come. */
export function createCallGate(limits: CallLimits, now: () => number = () => performance.now()): CallGate {
  const open = ({ maxInFlight, rate }: CallLimits): Account => ({
    places: { call: maxInFlight, watch: MAX_WATCHES },
    taken: { call: 0, watch: 0 },
    buckets: {
      sign: createTokenBucket(rate, now),
      read: createTokenBucket(READS, now),
      watch: createTokenBucket(READS, now),
    },
  });
  // As many as policy names, and of those that it named before the ones that were still busy when the last of these came.
  const known = new Map<string, Account>();
  const strangers = createSharedTable({ max: MAX_STRANGERS, create: () => open(STRANGER), isIdle }, now);
  const takenByStrangers: Places = { call: 0, watch: 0 };

  const accountOf = (caller: Caller): Account => {
    if (!caller.known) return strangers.of(caller.name);
    const found = known.get(caller.name);
    if (found !== undefined) return found;
    for (const [name, account] of known) if (isIdle(account)) known.delete(name);
    const account = open(limits);
    known.set(caller.name, account);
    return account;
  };

  return {
    admit: (caller, kind) => {
      const account = accountOf(caller);
      const place = kind === 'watch' ? 'watch' : 'call';
      if (account.taken[place] >= account.places[place]) return 'in_flight';
      if (!caller.known && takenByStrangers[place] >= PLACES_OF_STRANGERS[place]) return 'in_flight';
      if (!account.buckets[kind].take()) return 'rate';
      const add = (change: 1 | -1) => {
        account.taken[place] += change;
        if (!caller.known) takenByStrangers[place] += change;
      };
      add(1);
      let held = true;
      return () => {
        if (held) add(-1);
        held = false;
      };
    },
    get size() {
      return known.size + strangers.size;
    },
  };
}

/** One that can be forgotten: a new one would be no different. */
function isIdle({ taken, buckets }: Account): boolean {
  return taken.call === 0 && taken.watch === 0 && Object.values(buckets).every((bucket) => bucket.isFull());
}
