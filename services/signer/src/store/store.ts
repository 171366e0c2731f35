import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import { isConflict, isLockTimeout, type Pool, type PoolClient } from '@countersign/runtime/postgres';
import type { ChainLease } from '../audit/chain-lease.ts';
import type { Ask } from '../reservation/ask.ts';
import type { Remaining } from '../reservation/remaining.ts';
import type { Recording } from '../signing/record.ts';
import type { Recorded } from '../signing/recorded.ts';
import { createCommitter } from './committer.ts';
import type { Unit } from './unit.ts';

/**
 * The database of the signer: whatever is written there has its audit event in the same commit. Calls that are in flight
 * together share a transaction; a refusal undoes only its own work.
 *
 * Every call throws STORE_UNAVAILABLE where the database does not answer, a lost answer to the commit included: then it may have
 * been done.
 */
export interface Store {
  /**
   * @returns the signature where exactly this transaction was signed before, else undefined: it is reserved now.
   * @param demandTime throws where the caller no longer waits; asked when the turn of the request has come.
   * @throws CountersignError as `reserve` in reservation/reserve.ts does; no event is written then.
   */
  reserve(
    ask: Ask,
    eventOf: (earlier: Recorded | undefined) => AuditEvent,
    demandTime: () => void,
  ): Promise<Recorded | undefined>;
  /** @returns what is on record now: this signature, or the one that another replica recorded before. */
  record(recording: Recording, eventOf: (recorded: Recorded) => AuditEvent): Promise<Recorded>;
  /** Makes a rare change of what is in force, with the events that `run` gives; it may run more than once, and counts once. */
  change(run: (client: PoolClient) => Promise<readonly AuditEvent[]>): Promise<void>;
  leave(event: AuditEvent): Promise<void>;
}

const UNITS_IN_ONE = 64;
const MAX_WAITING = 2_000;
// Who has waited so long is about to be given up by the caller.
const MAX_WAIT_MS = 8_000;
// What was supposed did not hold (the head of the chain, no signature on record, no row of ours by another replica): the next look sees it.
const TRIES = 3;
// After a key's row could not be had in time nobody waits for it for so long, since all others would wait too.
const HELD_MS = 5_000;

/** What was committed, for metrics. */
export interface Committed {
  /** Of the audit chain. */
  readonly height: bigint;
  /** Of the windows that were charged. */
  readonly remaining: readonly Remaining[];
}

/** @param lease the audit chain of this replica: nothing is done any more once it is lost. */
export function createStore(pool: Pool, lease: ChainLease, onCommitted: (committed: Committed) => void): Store {
  const waiting: Unit[] = [];
  let busy = false;
  const take = (): readonly Unit[] =>
    waiting.splice(0, UNITS_IN_ONE).filter((unit) => !gaveUp(unit) && !waitsInVain(unit));

  const commit = createCommitter(pool, lease, (outcome) => {
    onCommitted({ height: outcome.head.sequence, remaining: outcome.remaining });
    outcome.answer();
  });

  // Keys whose row somebody holds, until when nobody waits for it.
  const held = new Map<string, number>();
  const waitsInVain = (unit: Unit): boolean => {
    if (unit.kind !== 'reserve') return false;
    const { id } = unit.ask.proposal.key;
    if ((held.get(id) ?? 0) > performance.now()) {
      unit.reject(unavailable(new Error('somebody else holds the row of the key')));
      return true;
    }
    held.delete(id);
    return false;
  };

  /** Answers every unit. One that spoils the transaction of others runs alone, or with those that wait for the same row. */
  const answerAll = async (units: readonly Unit[], more: () => readonly Unit[], tries = TRIES): Promise<void> => {
    const care = tries === TRIES ? 'hopeful' : 'careful';
    for (const { units: left, outcome, headKnown } of await commit(units, more, care)) {
      const { error } = outcome;
      const waited = isLockTimeout(error);
      const parts = waited ? byRow(left) : left.map((unit) => [unit]);
      const supposed = !waited && (care === 'hopeful' || headKnown || isConflict(error));
      if (outcome.kind === 'undone' && supposed && tries > 1) await answerLeft(left, tries - 1);
      else if (outcome.kind === 'undone' && parts.length > 1) for (const part of parts) await answerLeft(part);
      else {
        if (waited) hold(left);
        for (const unit of left) unit.reject(unavailable(error));
      }
    }
  };
  const answerLeft = async (units: readonly Unit[], tries?: number): Promise<void> => {
    const left = units.filter((unit) => !gaveUp(unit));
    if (left.length > 0) await answerAll(left, nothing, tries);
  };
  const hold = (units: readonly Unit[]): void => {
    for (const unit of units)
      if (unit.kind === 'reserve') held.set(unit.ask.proposal.key.id, performance.now() + HELD_MS);
  };

  const pump = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) {
      const units = take();
      if (units.length > 0) await answerAll(units, take);
    }
    busy = false;
  };

  const enqueue = (unit: Unit): void => {
    if (lease.lost) {
      unit.reject(lease.lose());
      return;
    }
    if (waitsInVain(unit)) return;
    if (waiting.length >= MAX_WAITING) {
      unit.reject(unavailable(new Error(`${MAX_WAITING} commits are waiting already`)));
      return;
    }
    waiting.push(unit);
    void pump();
  };

  const call = <T>(unitOf: (waiter: Waiter<T>) => Unit): Promise<T> =>
    new Promise((resolve, reject) => enqueue(unitOf({ since: performance.now(), resolve, reject })));

  return {
    reserve: (ask, eventOf, demandTime) => call((waiter) => ({ kind: 'reserve', ask, eventOf, demandTime, ...waiter })),
    record: (recording, eventOf) => call((waiter) => ({ kind: 'record', recording, eventOf, ...waiter })),
    leave: (event) => call((waiter) => ({ kind: 'event', event, ...waiter })),
    change: (run) => call((waiter) => ({ kind: 'change', run, ...waiter })),
  };
}

function nothing(): readonly Unit[] {
  return [];
}

/** Units that may wait for the same row, together. */
function byRow(units: readonly Unit[]): Unit[][] {
  const rowOf = (unit: Unit): unknown => {
    if (unit.kind === 'reserve') return unit.ask.proposal.key.id;
    return unit.kind === 'event' ? 'event' : unit;
  };
  return [...Map.groupBy(units, rowOf).values()];
}

interface Waiter<T> {
  readonly since: number;
  resolve(result: T): void;
  reject(error: unknown): void;
}

function gaveUp(unit: Unit): boolean {
  const late = performance.now() - unit.since > MAX_WAIT_MS;
  if (late) unit.reject(unavailable(new Error(`waited longer than ${MAX_WAIT_MS} ms`)));
  return late;
}

function unavailable(cause: unknown): CountersignError {
  if (cause instanceof CountersignError) return cause;
  return new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer', { cause });
}
