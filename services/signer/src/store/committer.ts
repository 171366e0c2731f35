import type { ChainHead } from '@countersign/audit/chain';
import { CountersignError } from '@countersign/contract/errors';
import type { Pool, PoolClient } from '@countersign/runtime/postgres';
import type { ChainLease } from '../audit/chain-lease.ts';
import type { Care, KnownHeads } from './begin.ts';
import { commitGroup, type Group, type GroupOutcome } from './group.ts';
import type { Unit } from './unit.ts';

export type CommittedGroup = Extract<GroupOutcome, { readonly kind: 'committed' }>;

/** Units that were not committed, or of which nobody knows. Their transaction is over, and holds no lock any more. */
export interface Failed {
  readonly units: readonly Unit[];
  readonly outcome: Exclude<GroupOutcome, CommittedGroup>;
  /** Whether the head of the chain was supposed, and not read. */
  readonly headKnown: boolean;
}

type Opened = Group & Pick<Failed, 'units' | 'headKnown'>;

/**
 * Commits these units, and then whatever there is more of, group by group. @returns at the end, or after the first group that failed: that
 * one, and the one that may have followed it.
 */
export type Committer = (units: readonly Unit[], more: () => readonly Unit[], care: Care) => Promise<Failed[]>;

/**
 * Commits groups on one connection, one after the other: while one is being committed the next is being read, as Postgres takes them in the
 * order in which they were sent. One that follows a failure has written nothing, and fails with it.
 */
export function createCommitter(
  pool: Pool,
  lease: ChainLease,
  onCommitted: (outcome: CommittedGroup) => void,
): Committer {
  let head: ChainHead | undefined;
  // As last confirmed.
  let committed: ChainHead | undefined;

  const open = (client: PoolClient, units: readonly Unit[], head: KnownHeads['head'], care: Care): Opened => ({
    units,
    headKnown: head !== undefined,
    ...commitGroup(client, lease, { head, committed }, units, care),
  });

  return async (first, more, care) => {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      return [{ units: first, outcome: { kind: 'unknown', error }, headKnown: false }];
    }
    const failed: Failed[] = [];
    let broken: Error | undefined;
    let group: Opened | undefined = open(client, first, head, care);
    while (group !== undefined) {
      const { units, headKnown, sent, outcome: coming }: Opened = group;
      const following: readonly Unit[] = (await sent) && failed.length === 0 ? more() : [];
      group = following.length === 0 ? undefined : open(client, following, coming.then(headAfter), care);
      const outcome = await coming;
      if (outcome.kind === 'committed') {
        head = outcome.head;
        committed = outcome.head;
        onCommitted(outcome);
      } else {
        head = undefined;
        failed.push({ units, outcome, headKnown });
      }
    }
    // Only now: behind a group that is still going on it would end that one's transaction, and leave its statements without one.
    if (failed.length > 0) {
      await client.query('rollback').catch((error: Error) => {
        broken = error;
      });
    }
    client.release(broken);
    return failed;
  };
}

function headAfter(outcome: GroupOutcome): ChainHead {
  if (outcome.kind === 'committed') return outcome.head;
  throw new CountersignError('STORE_UNAVAILABLE', 'the commit before did not happen');
}
