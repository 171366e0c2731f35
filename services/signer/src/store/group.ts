import type { ChainHead } from '@countersign/audit/chain';
import { CountersignError } from '@countersign/contract/errors';
import { isServerError, type PoolClient, together } from '@countersign/runtime/postgres';
import { appendEvents, type LinkedEvents, linkEvents } from '../audit/audit-log.ts';
import type { ChainLease } from '../audit/chain-lease.ts';
import type { Ask } from '../reservation/ask.ts';
import { type Remaining, remainingOf } from '../reservation/remaining.ts';
import { writeBook } from '../reservation/write-book.ts';
import { recordFirst } from '../signing/record.ts';
import { BEGIN, type Begun, begin, type Care, type KnownHeads } from './begin.ts';
import { settle } from './settle.ts';
import type { Unit } from './unit.ts';

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

interface Sent {
  /** Whether there was a transaction for the statements to be in. */
  readonly begun: Promise<unknown>;
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
  return { begun: Promise.resolve(begun), statements, head: next, commit };
}

/** Whether it is certain that nothing was committed. */
async function isUndone(error: unknown, sent: Sent | undefined): Promise<boolean> {
  if (sent === undefined) return true;
  const refused = isServerError(error) || error instanceof CountersignError;
  // Statements without a transaction around them are committed each by itself.
  return refused && (await failed(sent.statements)) && !(await failed(sent.begun));
}

async function failed(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => false,
    (error: unknown) => isServerError(error),
  );
}
