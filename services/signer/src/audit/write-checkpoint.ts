import { GENESIS_HASH } from '@countersign/audit/chain';
import {
  type ChainCheckpoint,
  checkpointHash,
  checkpointStatement,
  signCheckpoint,
} from '@countersign/audit/checkpoint';
import { inTransaction, type Pool, type PoolClient } from '@countersign/runtime/postgres';
import type { CheckpointKey } from './checkpoint-key.ts';
import { readStatement } from './exported-line.ts';

/** When a checkpoint is due: with something new, and so many events or milliseconds after the last one. */
export interface CheckpointPace {
  readonly everyEvents: bigint;
  readonly everyMs: number;
}

/** The newest checkpoint of the database. */
export interface LastCheckpoint {
  readonly number: bigint;
  readonly writtenAt: Date;
}

interface LastRow {
  readonly number: bigint;
  readonly statement: string;
  readonly hash: string;
  readonly written_at: Date;
}

const INSERT =
  'insert into audit_checkpoints (number, statement, hash, signature, written_at) values ($1, $2, $3, $4, $5)';

/**
 * Writes a checkpoint over the heads of all chains, where one is due. Replicas take turns on the lock of one row; whoever finds
 * it taken leaves the checkpoint to the other.
 *
 * @param pace 'now' waits for the turn, and writes wherever there is something new.
 * @returns the newest checkpoint, whoever wrote it; undefined before the first, and while another replica writes one.
 */
export function writeCheckpoint(
  pool: Pool,
  key: CheckpointKey,
  pace: CheckpointPace | 'now',
): Promise<LastCheckpoint | undefined> {
  return inTransaction(pool, async (client) => {
    const turn = `select from audit_checkpoint_turn for update ${pace === 'now' ? '' : 'skip locked'}`;
    if ((await client.query(turn)).rowCount === 0) return undefined;
    const last = await readLast(client);
    const { heads, now } = await readHeads(client);
    const fresh = sum(heads) - sum(last === undefined ? [] : readStatement(last.statement).heads);
    const age = last === undefined ? Number.POSITIVE_INFINITY : now.getTime() - last.written_at.getTime();
    const due = pace === 'now' || fresh >= pace.everyEvents || age >= pace.everyMs;
    if (fresh === 0n || !due) return last && { number: last.number, writtenAt: last.written_at };

    const number = (last?.number ?? 0n) + 1n;
    const statement = checkpointStatement({
      number,
      time: now.toISOString(),
      previousHash: last?.hash ?? GENESIS_HASH,
      key: key.fingerprint,
      heads,
    });
    const signature = signCheckpoint(statement, key.privateKey);
    await client.query(INSERT, [number, statement, checkpointHash(statement), signature, now]);
    return { number, writtenAt: now };
  });
}

async function readLast(client: PoolClient): Promise<LastRow | undefined> {
  const text = 'select number, statement, hash, written_at from audit_checkpoints order by number desc limit 1';
  return (await client.query<LastRow>(text)).rows[0];
}

/** Of one snapshot: where each chain had come at one moment. */
async function readHeads(client: PoolClient): Promise<{ heads: ChainCheckpoint[]; now: Date }> {
  const { rows } = await client.query<ChainCheckpoint & { now: Date }>(
    `select chain_id as chain, sequence, hash, date_trunc('milliseconds', clock_timestamp()) as now
     from audit_chains where sequence > 0 order by chain_id collate "C"`,
  );
  const heads = rows.map(({ chain, sequence, hash }) => ({ chain, sequence, hash }));
  return { heads, now: rows[0]?.now ?? new Date(0) };
}

function sum(heads: readonly ChainCheckpoint[]): bigint {
  return heads.reduce((total, { sequence }) => total + sequence, 0n);
}
