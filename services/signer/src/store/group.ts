import type { ChainHead } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import { isServerError, type PoolClient, together } from '@countersign/runtime/postgres';
import { appendEvents, type LinkedEvents, linkEvents, readHead } from '../audit/audit-log.ts';
import type { ChainLease } from '../audit/chain-lease.ts';
import type { Ask } from '../reservation/ask.ts';
import type { Book } from '../reservation/book.ts';
import { readBook } from '../reservation/read-book.ts';
import { type Remaining, remainingOf } from '../reservation/remaining.ts';
import { reserve } from '../reservation/reserve.ts';
import { writeBook } from '../reservation/write-book.ts';
import { type Recording, recordAll, recordFirst } from '../signing/record.ts';
import type { Recorded } from '../signing/recorded.ts';
import type { Reserving, Unit } from './unit.ts';

/** What became of a group. Answers are given by `answer`, once it is known that all is on disk. */
export type GroupOutcome =
  | {
      readonly kind: 'committed';
      readonly head: ChainHead;
      /** Of the windows that were charged. */
      readonly remaining: readonly Remaining[];
      answer(): void;
    }
  /** Nothing has happened. */
  | { readonly kind: 'undone'; readonly error: unknown }
  /** The connection or the answer to the commit was lost: it may have happened. */
  | { readonly kind: 'unknown'; readonly error: unknown };

/** What this process knows of its audit chain. */
export interface KnownHeads {
  /** Where it is; of a group that follows another one on the same connection, once that one is committed. Else it is read. */
  readonly head: Promise<ChainHead> | ChainHead | undefined;
  /** As it was last confirmed to be on disk: it can only be further. */
  readonly committed: ChainHead | undefined;
}

/** How often the units were tried: at first no other replica is expected to have recorded their signatures, later it is looked up. */
export type Care = 'hopeful' | 'careful';

export interface Group {
  /** When its last statement is on its way, and the next group may follow on the connection; false where it came to an end before. */
  readonly sent: Promise<boolean>;
  readonly outcome: Promise<GroupOutcome>;
}

/**
 * Commits units together: one round trip to Postgres reads and locks what they are about, a second one writes what came of
 * them, with their events, and commits. A reservation that is refused writes nothing and leaves the others alone.
 *
 * @param client in no transaction, or at the end of the group before.
 */
export function commitGroup(
  client: PoolClient,
  lease: ChainLease,
  known: KnownHeads,
  units: readonly Unit[],
  care: Care,
): Group {
  const { promise: sent, resolve: onSent } = Promise.withResolvers<boolean>();
  const outcome = commit(client, lease, known, units, care, () => onSent(true)).finally(() => onSent(false));
  return { sent, outcome };
}

async function commit(
  client: PoolClient,
  lease: ChainLease,
  known: KnownHeads,
  units: readonly Unit[],
  care: Care,
  onSent: () => void,
): Promise<GroupOutcome> {
  let sent: Sent | undefined;
  try {
    const begun = await begin(client, lease, known, units, care);
    const settled = settle(begun, units);
    const linked = linkEvents(lease.chain, begun.head, settled.events);
    sent = sendAll(client, lease, begun, settled.granted, linked);
    onSent();
    await sent.statements;
    const { command } = await sent.commit;
    // Postgres answers COMMIT with ROLLBACK where a statement before it has failed.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
    const { book } = begun;
    const remaining = book === undefined ? [] : settled.granted.flatMap((ask) => remainingOf(book, ask));
    return { kind: 'committed', head: await sent.head, remaining, answer: settled.answer };
  } catch (error) {
    return { kind: (await isUndone(error, sent)) ? 'undone' : 'unknown', error };
  }
}

const BEGIN = 'begin isolation level read committed';

interface Begun {
  /** Whether the transaction has begun: not where nothing was to be read. */
  readonly started: boolean;
  readonly head: ChainHead;
  /** The events of what was changed, in the order of the units. */
  readonly changed: readonly (readonly AuditEvent[])[];
  readonly book: Book | undefined;
  /** Signatures that are yet to be recorded, as the first ones of their transactions. */
  readonly unrecorded: readonly Recording[];
  readonly recorded: readonly Recorded[];
}

/** The first round trip, where something is to be read. */
async function begin(
  client: PoolClient,
  lease: ChainLease,
  { head, committed }: KnownHeads,
  units: readonly Unit[],
  care: Care,
): Promise<Begun> {
  const asks = units.flatMap((unit) => (unit.kind === 'reserve' ? [unit.ask] : []));
  const recordings = units.flatMap((unit) => (unit.kind === 'record' ? [unit.recording] : []));
  const changes = units.flatMap((unit) => (unit.kind === 'change' ? [unit] : []));
  const [lookedUp, unrecorded] = care === 'careful' ? [recordings, []] : [[], recordings];
  const changed: (readonly AuditEvent[])[] = [];
  // A change waits for its answers one by one: it begins when the group before is known to be committed.
  const place = changes.length > 0 ? await head : head;
  if (changes.length > 0) await client.query(BEGIN);
  for (const change of changes) changed.push(await change.run(client));
  const reads = asks.length + lookedUp.length > 0 || place === undefined;
  const all = together(
    client,
    () =>
      [
        reads && changes.length === 0 ? client.query(BEGIN) : undefined,
        asks.length === 0 ? undefined : readBook(client, asks),
        lookedUp.length === 0 ? [] : recordAll(client, lookedUp),
        place ?? readHead(client, lease, committed),
      ] as const,
  );
  await Promise.allSettled(all);
  const [, book, earlier, known] = await Promise.all(all);
  const recorded = care === 'careful' ? earlier : unrecorded.map(({ signed }) => signed);
  return { started: reads || changes.length > 0, changed, book, unrecorded, recorded, head: known };
}

interface Settled {
  readonly granted: readonly Ask[];
  readonly events: readonly AuditEvent[];
  answer(): void;
}

/** Decides each unit in the book, in the order in which they came. */
function settle({ changed, book, recorded }: Begun, units: readonly Unit[]): Settled {
  const granted: Ask[] = [];
  const events: AuditEvent[] = [];
  const answers: (() => void)[] = [];
  const records = recorded.values();
  const changes = changed.values();
  for (const unit of units) {
    switch (unit.kind) {
      case 'reserve': {
        const earlier = refusable(() => reserveIn(book, unit));
        if (earlier instanceof CountersignError) {
          answers.push(() => unit.reject(earlier));
          break;
        }
        granted.push(unit.ask);
        events.push(unit.eventOf(earlier));
        answers.push(() => unit.resolve(earlier));
        break;
      }
      case 'record': {
        const { value } = records.next();
        if (value === undefined) throw new CountersignError('INTERNAL', 'transactions: expected the reserved row');
        events.push(unit.eventOf(value));
        answers.push(() => unit.resolve(value));
        break;
      }
      case 'change': {
        const { value } = changes.next();
        if (value === undefined) throw new CountersignError('INTERNAL', 'expected the events of a change');
        events.push(...value);
        answers.push(() => unit.resolve());
        break;
      }
      case 'event':
        events.push(unit.event);
        answers.push(() => unit.resolve());
        break;
      default:
        return unit satisfies never;
    }
  }
  return { granted, events, answer: () => answers.forEach((give) => void give()) };
}

function reserveIn(book: Book | undefined, { ask, demandTime }: Reserving): Recorded | undefined {
  demandTime();
  if (book === undefined) throw new CountersignError('INTERNAL', 'expected to have read the book');
  return reserve(book, ask);
}

function refusable<T>(run: () => T): T | CountersignError {
  try {
    return run();
  } catch (error) {
    if (error instanceof CountersignError) return error;
    throw error;
  }
}

interface Sent {
  /** What the commit needs to have succeeded. */
  readonly statements: Promise<unknown>;
  readonly head: Promise<ChainHead>;
  readonly commit: Promise<{ readonly command: string }>;
}

/** The second round trip: all goes out before any of it is answered. */
function sendAll(
  client: PoolClient,
  lease: ChainLease,
  { started, head, book, unrecorded }: Begun,
  granted: readonly Ask[],
  linked: LinkedEvents,
): Sent {
  const [begun, written, recorded, next, commit] = together(client, () => [
    started ? undefined : client.query(BEGIN),
    book === undefined || granted.length === 0 ? undefined : writeBook(client, book, granted),
    unrecorded.length === 0 ? undefined : recordFirst(client, unrecorded),
    linked.rows.length === 0 ? Promise.resolve(head) : appendEvents(client, lease, linked),
    client.query('commit'),
  ]);
  const statements = Promise.all([begun, written, recorded, next]);
  // Whoever waits hears of it; no rejection is left without somebody who waits.
  void Promise.allSettled([statements, next, commit]);
  return { statements, head: next, commit };
}

/** Whether it is certain that nothing was committed. */
async function isUndone(error: unknown, sent: Sent | undefined): Promise<boolean> {
  if (sent === undefined) return true;
  const refused = isServerError(error) || error instanceof CountersignError;
  return refused && (await failed(sent.statements));
}

async function failed(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    (error: unknown) => isServerError(error),
  );
}
