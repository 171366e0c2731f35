import type { ChainHead } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { CountersignError } from '@countersign/contract/errors';
import { isServerError, type Pool, type PoolClient, together } from '@countersign/runtime/postgres';
import { appendEvents, type LinkedEvents, linkEvents, readHead } from '../audit/audit-log.ts';
import type { ChainLease } from '../audit/chain-lease.ts';
import type { Ask } from '../reservation/ask.ts';
import type { Book } from '../reservation/book.ts';
import { readBook } from '../reservation/read-book.ts';
import { type Remaining, remainingOf } from '../reservation/remaining.ts';
import { reserve } from '../reservation/reserve.ts';
import { writeBook } from '../reservation/write-book.ts';
import { recordAll } from '../signing/record.ts';
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
  /** As this process left it; unknown at first and after every failure. */
  readonly head: ChainHead | undefined;
  /** As it was last confirmed to be on disk: it can only be further. */
  readonly committed: ChainHead | undefined;
}

/**
 * Commits units together: one round trip to Postgres reads and locks what they are about, a second one writes what came of
 * them, with their events, and commits. A reservation that is refused writes nothing and leaves the others alone.
 */
export async function commitGroup(
  pool: Pool,
  lease: ChainLease,
  { head, committed }: KnownHeads,
  units: readonly Unit[],
): Promise<GroupOutcome> {
  let client: PoolClient | undefined;
  let broken: Error | undefined;
  let begun: Begun | undefined;
  let sent: Sent | undefined;
  try {
    client = await pool.connect();
    begun = await begin(client, lease, { head, committed }, units);
    const settled = settle(begun, units);
    const linked = linkEvents(lease.chain, begun.head, settled.events);
    sent = sendAll(client, lease, begun, settled.granted, linked);
    await sent.statements;
    const { command } = await sent.commit;
    // Postgres answers COMMIT with ROLLBACK where a statement before it has failed.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back');
    const { book } = begun;
    const remaining = book === undefined ? [] : settled.granted.flatMap((ask) => remainingOf(book, ask));
    return { kind: 'committed', head: await sent.head, remaining, answer: settled.answer };
  } catch (error) {
    const undone = await isUndone(error, begun, sent);
    await client?.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    return { kind: undone ? 'undone' : 'unknown', error };
  } finally {
    client?.release(broken);
  }
}

const BEGIN = 'begin isolation level read committed';

interface Begun {
  readonly head: ChainHead;
  /** The events of what was changed, in the order of the units. */
  readonly changed: readonly (readonly AuditEvent[])[];
  readonly book: Book | undefined;
  readonly recorded: readonly Recorded[];
}

/** The first round trip. */
async function begin(
  client: PoolClient,
  lease: ChainLease,
  { head, committed }: KnownHeads,
  units: readonly Unit[],
): Promise<Begun> {
  const asks = units.flatMap((unit) => (unit.kind === 'reserve' ? [unit.ask] : []));
  const recordings = units.flatMap((unit) => (unit.kind === 'record' ? [unit.recording] : []));
  const changes = units.flatMap((unit) => (unit.kind === 'change' ? [unit] : []));
  const changed: (readonly AuditEvent[])[] = [];
  const started = changes.length > 0;
  if (started) await client.query(BEGIN);
  for (const change of changes) changed.push(await change.run(client));
  const all = together(
    client,
    () =>
      [
        started ? undefined : client.query(BEGIN),
        asks.length === 0 ? undefined : readBook(client, asks),
        recordings.length === 0 ? [] : recordAll(client, recordings),
        head ?? readHead(client, lease, committed),
      ] as const,
  );
  await Promise.allSettled(all);
  const [, book, recorded, known] = await Promise.all(all);
  return { changed, book, recorded, head: known };
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
  { head, book }: Begun,
  granted: readonly Ask[],
  linked: LinkedEvents,
): Sent {
  const [written, next, commit] = together(client, () => [
    book === undefined || granted.length === 0 ? undefined : writeBook(client, book, granted),
    linked.rows.length === 0 ? Promise.resolve(head) : appendEvents(client, lease, linked),
    client.query('commit'),
  ]);
  const statements = Promise.all([written, next]);
  // Whoever waits hears of it; no rejection is left without somebody who waits.
  void Promise.allSettled([statements, next, commit]);
  return { statements, head: next, commit };
}

/** Whether it is certain that nothing was committed, on a connection that still answers. */
async function isUndone(error: unknown, begun: Begun | undefined, sent: Sent | undefined): Promise<boolean> {
  // What a unit says of itself could not be made or linked, and nothing was sent.
  if (begun !== undefined && sent === undefined) return true;
  const refused = isServerError(error) || error instanceof CountersignError;
  return refused && (sent === undefined || (await failed(sent.statements)));
}

async function failed(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    (error: unknown) => isServerError(error),
  );
}
