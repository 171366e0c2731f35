import type { EngineContext } from './context.ts';
import { RpcError } from './json-rpc.ts';
import type { Stage } from './metrics.ts';
import { notePayouts } from './move-payouts.ts';

/** The reason that a payout shows while the chain's node does not answer as it should. */
export const CHAIN_UNAVAILABLE = 'CHAIN_UNAVAILABLE';

/** Says on the payouts why they wait, where the chain's node is why; anything else is thrown on. */
export async function noteChainTrouble(
  context: EngineContext,
  chain: string,
  stage: Stage,
  ids: readonly string[],
  error: unknown,
): Promise<void> {
  if (!(error instanceof RpcError)) throw error;
  context.metrics.errors.inc({ chain, stage });
  context.log.warn({ chain, stage, err: error }, 'the node does not answer as it should');
  await notePayouts(context.pool, ids, { code: CHAIN_UNAVAILABLE, detail: error.message });
}

/** The node answers again: takes back what was said on the payouts. */
export async function clearChainTrouble({ pool }: EngineContext, ids: readonly string[]): Promise<void> {
  await pool.query(
    `update payouts set reason_code = null, reason_detail = null, updated_at = now()
     where id = any($1) and reason_code = $2 and status in ('created', 'approved', 'signing', 'submitted', 'confirming')`,
    [ids, CHAIN_UNAVAILABLE],
  );
}
