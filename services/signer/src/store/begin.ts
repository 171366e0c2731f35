import type { ChainHead } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { type PoolClient, together } from '@countersign/runtime/postgres';
import { readHead } from '../audit/audit-log.ts';
import type { ChainLease } from '../audit/chain-lease.ts';
import type { Book } from '../reservation/book.ts';
import { readBook } from '../reservation/read-book.ts';
import { type Recording, recordAll } from '../signing/record.ts';
import type { Recorded } from '../signing/recorded.ts';
import type { Unit } from './unit.ts';

/** What this process knows of its audit chain. */
export interface KnownHeads {
  /** Where it is; of a group that follows another one on the same connection, once that one is committed. Else it is read. */
  readonly head: Promise<ChainHead> | ChainHead | undefined;
  /** As it was last confirmed to be on disk: it can only be further. */
  readonly committed: ChainHead | undefined;
}

/** How often the units were tried: at first no other replica is expected to have recorded their signatures, later it is looked up. */
export type Care = 'hopeful' | 'careful';

export const BEGIN = 'begin isolation level read committed';

export interface Begun {
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
export async function begin(
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
