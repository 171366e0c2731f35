import { checkpointStatement, isSignedBy } from '@countersign/audit/checkpoint';
import { ConfigError } from '@countersign/runtime/config';
import type { Pool } from '@countersign/runtime/postgres';
import type { CheckpointKey } from './checkpoint-key.ts';
import { type ExportedLine, readLine } from './exported-line.ts';
import { linesFromEnd } from './lines-from-end.ts';

interface Place {
  readonly chain: string;
  readonly sequence: bigint;
  readonly hash: string;
  /** What says so. */
  readonly witness: string;
}

/**
 * Refuses a database that is behind the log it has exported: one that was restored from a backup has forgotten reservations, and
 * would sign for what was signed for already. The file's last events and its last checkpoint are the witnesses.
 *
 * @param key without one, checkpoints are no witnesses.
 * @throws ConfigError naming the chain; AUDIT_FILE where the file is not what a signer has written.
 */
export async function checkExported(pool: Pool, file: string, key: CheckpointKey | undefined): Promise<void> {
  const places = await lastPlaces(file, key);
  const { rows } = await pool.query<{ chain: string; sequence: bigint; hash: string | null; head: bigint | null }>(
    `select asked.chain, asked.sequence, events.hash, chains.sequence as head
     from unnest($1::text[], $2::bigint[]) as asked (chain, sequence)
     left join audit_events events on events.chain_id = asked.chain and events.sequence = asked.sequence
     left join audit_chains chains on chains.chain_id = asked.chain`,
    [places.map(({ chain }) => chain), places.map(({ sequence }) => sequence)],
  );
  const problems = places.flatMap((place) => {
    const row = rows.find(({ chain, sequence }) => chain === place.chain && sequence === place.sequence);
    return row?.hash === place.hash ? [] : [problemOf(place, row?.hash ?? undefined, row?.head ?? 0n)];
  });
  if (problems.length > 0) throw new ConfigError([{ where: 'DATABASE_URL', problem: explain(problems) }]);
}

function problemOf({ chain, sequence, witness }: Place, hash: string | undefined, head: bigint): string {
  const found = hash === undefined ? `here it ends at ${head}` : 'here that event is another one';
  return `chain ${chain} had come to event ${sequence}, says ${witness}; ${found}`;
}

function explain(problems: readonly string[]): string {
  const first = 'the database is behind what AUDIT_FILE says was exported from it, as after a restore from a backup';
  const why = 'it has forgotten reservations, so nothing is signed with it';
  return `${first}: ${problems.join('; ')}; ${why} (docs/runbooks/audit.md)`;
}

/** The last event of each chain behind the last checkpoint, and what that checkpoint says. */
async function lastPlaces(file: string, key: CheckpointKey | undefined): Promise<Place[]> {
  const places = new Map<string, Place>();
  for await (const text of linesFromEnd(file)) {
    const line = readLine(text);
    if (line === undefined) throw refused(`a line that no signer has written: ${text.slice(0, 40)}…`);
    if (line.kind === 'checkpoint') {
      if (key === undefined) continue;
      checkSignature(line, key);
      const witness = `checkpoint ${line.checkpoint.number}`;
      return [...places.values(), ...line.checkpoint.heads.map((head) => ({ ...head, witness }))];
    }
    const { chain, sequence, hash } = line;
    if (!places.has(chain)) places.set(chain, { chain, sequence, hash, witness: 'the last event in the file' });
    if (key === undefined) break;
  }
  return [...places.values()];
}

function checkSignature(
  { checkpoint, signature }: Extract<ExportedLine, { kind: 'checkpoint' }>,
  { known }: CheckpointKey,
): void {
  const publicKey = known.get(checkpoint.key);
  if (publicKey === undefined) {
    const problem = `checkpoint ${checkpoint.number} in AUDIT_FILE is signed by the key ${checkpoint.key}: put its public key behind the private one`;
    throw new ConfigError([{ where: 'AUDIT_CHECKPOINT_KEY_FILE', problem }]);
  }
  if (!isSignedBy(publicKey, checkpointStatement(checkpoint), signature)) {
    throw refused(`the signature of checkpoint ${checkpoint.number} is not valid`);
  }
}

const refused = (problem: string) => new ConfigError([{ where: 'AUDIT_FILE', problem }]);
