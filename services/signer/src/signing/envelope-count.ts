import { CountersignError } from '@countersign/contract/errors';
import type { PoolClient } from '@countersign/runtime/postgres';
import type { Lane } from './lane.ts';
import type { Proposal } from './proposal.ts';

/** Around one authorization. The engine needs a few; each that fails on the ledger costs its fee, and the channel pays it. */
const MOST_ENVELOPES = 32;

/**
 * Caps the envelopes around the authorization of a lane, the one just bound included. A statement of its own: it sees what
 * other replicas committed while `bind` waited for the lane's row.
 *
 * @throws CountersignError LANE_EXHAUSTED.
 */
export async function countEnvelopes(client: PoolClient, { transaction }: Proposal, lane: Lane): Promise<void> {
  if (transaction.kind !== 'stellar-invocation') return;
  const { rows } = await client.query<{ envelopes: bigint }>({
    name: 'count-envelopes',
    text: 'select count(*) as envelopes from transactions where lane_id = $1 and signing_hash <> $2',
    values: [lane.id, lane.authorizationHash],
  });
  if ((rows[0]?.envelopes ?? 0n) <= MOST_ENVELOPES) return;
  const message = `lane: ${lane.id} has ${MOST_ENVELOPES} envelopes, the most there may be`;
  throw new CountersignError('LANE_EXHAUSTED', message, { reasons: [{ code: 'LANE_EXHAUSTED', message }] });
}
