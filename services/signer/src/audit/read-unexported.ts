import { checkpointLine, eventLine } from '@countersign/audit/line';
import type { Pool } from '@countersign/runtime/postgres';
import { readStatement } from './exported-line.ts';

/** How far a sink has come: the last event of its replica's chain, and the last checkpoint. */
export interface Cursor {
  readonly sequence: bigint;
  readonly checkpoint: bigint;
}

/** What comes behind a cursor. */
export interface Unexported {
  readonly cursor: Cursor;
  /** Whole lines; empty where there is nothing. */
  readonly lines: string;
  /** The newest checkpoint among them, as a line. */
  readonly checkpointLine: string | undefined;
  /** Whether there was no room for more. */
  readonly full: boolean;
}

interface EventRow {
  readonly chain: string;
  readonly sequence: bigint;
  readonly previousHash: string;
  readonly hash: string;
  readonly event: string;
}

interface CheckpointRow {
  readonly number: bigint;
  readonly statement: string;
  readonly signature: string;
}

const EVENTS = `
select chain_id as chain, sequence, previous_hash as "previousHash", hash, event::text as event
from audit_events where chain_id = $1 and sequence > $2 order by sequence limit $3`;
const CHECKPOINTS =
  'select number, statement, signature from audit_checkpoints where number > $1 order by number limit $2';

/**
 * The next lines of a chain: events in their order, and each checkpoint behind the events that it covers.
 * @param most events at most, and checkpoints.
 */
export async function readUnexported(pool: Pool, chain: string, cursor: Cursor, most: number): Promise<Unexported> {
  // Checkpoints first: what they cover was committed before them.
  const checkpoints = await query<CheckpointRow>(pool, 'unexported-checkpoints', CHECKPOINTS, [
    cursor.checkpoint,
    most,
  ]);
  const events = await query<EventRow>(pool, 'unexported-events', EVENTS, [chain, cursor.sequence, most]);
  return { ...merge(chain, cursor, events, checkpoints), full: events.length === most };
}

function merge(
  chain: string,
  cursor: Cursor,
  events: readonly EventRow[],
  checkpoints: readonly CheckpointRow[],
): Omit<Unexported, 'full'> {
  let { sequence, checkpoint } = cursor;
  const lines: string[] = [];
  const waiting = checkpoints.map((row) => ({ ...row, covers: coveredBy(row, chain) }));
  let newest: string | undefined;
  const passCheckpoints = (): void => {
    for (let next = waiting[0]; next !== undefined && next.covers <= sequence; next = waiting[0]) {
      newest = checkpointLine(next);
      lines.push(newest);
      checkpoint = next.number;
      waiting.shift();
    }
  };
  passCheckpoints();
  for (const event of events) {
    lines.push(eventLine(event));
    sequence = event.sequence;
    passCheckpoints();
  }
  return { cursor: { sequence, checkpoint }, lines: lines.join(''), checkpointLine: newest };
}

function coveredBy({ statement }: CheckpointRow, chain: string): bigint {
  return readStatement(statement).heads.find((head) => head.chain === chain)?.sequence ?? 0n;
}

async function query<Row extends object>(pool: Pool, name: string, text: string, values: unknown[]): Promise<Row[]> {
  return (await pool.query<Row>({ name, text, values })).rows;
}
