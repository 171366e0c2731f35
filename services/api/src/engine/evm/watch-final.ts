import { raiseAlarm } from '../alarm.ts';
import { recordEngineEvent } from '../audit.ts';
import { commit, demandRows } from '../commit.ts';
import { movePayouts } from '../move-payouts.ts';
import { type Payout, selectPayouts } from '../payouts.ts';
import type { EvmContext } from './context.ts';

/** A nonce that was taken for final because its block was deep enough. */
export interface WatchedNonce {
  readonly nonce: bigint;
  readonly payout: Payout;
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

const WATCH = '1 hour';

/** Where a depth in blocks stands for finality, what ended lately: a reorganisation can still reach deeper. */
export async function watchedNonces({ pool, chain, treasury }: EvmContext): Promise<WatchedNonce[]> {
  if (chain.finality === 'finalized') return [];
  const where = `n.chain = $1 and n.address = $2 and n.state = 'final' and n.final_at > now() - $3::interval`;
  const values = [chain.chain, treasury.address, WATCH];
  const { rows } = await pool.query<{ nonce: bigint; payout_id: string; block_number: bigint; block_hash: string }>(
    `select n.nonce, n.payout_id, n.block_number, n.block_hash from evm_nonces n where ${where} order by n.nonce`,
    values,
  );
  if (rows.length === 0) return [];
  const payouts = await selectPayouts(pool, `join evm_nonces n on n.payout_id = p.id where ${where}`, values);
  const byId = new Map(payouts.map((payout) => [payout.id, payout]));
  return rows.flatMap(({ nonce, payout_id, block_number: blockNumber, block_hash: blockHash }) => {
    const payout = byId.get(payout_id);
    return payout === undefined ? [] : [{ nonce, payout, blockNumber, blockHash }];
  });
}

/**
 * Opens what a deep reorganisation took out of the chain again, also a payout that had ended. One that was paid goes on
 * where it was, on the same nonce, so that it is still paid at most once. One that had failed may have been paid again under
 * another id: it is set aside, as one that paid something else is, and its nonce is used up by a cancel.
 *
 * @returns true when something was opened.
 */
export async function reopenLost(context: EvmContext, watched: readonly WatchedNonce[]): Promise<boolean> {
  let opened = false;
  const canonical = new Map<bigint, string | undefined>();
  for (const each of watched) {
    const { blockNumber } = each;
    if (!canonical.has(blockNumber)) canonical.set(blockNumber, await context.rpc.blockHash(blockNumber));
    const hash = canonical.get(blockNumber);
    // No block of that number: the node is behind, which says nothing.
    if (hash === undefined || hash === each.blockHash) continue;
    await reopen(context, each);
    opened = true;
  }
  return opened;
}

async function reopen(context: EvmContext, { nonce, payout, blockNumber }: WatchedNonce): Promise<void> {
  const { chain, treasury } = context;
  const reason = {
    code: 'REORGANISED',
    detail: `block ${blockNumber}, which had its transaction and counted as final, is no longer part of the chain`,
  };
  await commit(context, undefined, async (change) => {
    const { rowCount } = await change.sql.query(
      `update evm_nonces set state = 'open', mined_hash = null, block_number = null, block_hash = null, final_at = null
       where chain = $1 and address = $2 and nonce = $3 and state = 'final'`,
      [chain.chain, treasury.address, nonce],
    );
    demandRows(`nonce ${nonce} to open`, rowCount, 1);
    await change.sql.query(`update evm_attempts set sent_at = null where payout_id = $1 and state = 'signed'`, [
      payout.id,
    ]);
    const move = { chain: chain.chain, ids: [payout.id], reason };
    if (payout.status === 'failed' || payout.status === 'indeterminate') {
      await movePayouts(context, change, { ...move, from: ['failed', 'indeterminate'], to: 'indeterminate' });
      await recordEngineEvent(context, change, {
        name: 'PayoutIndeterminate',
        requestId: payout.requestId,
        chain: chain.chain,
        keyId: treasury.key,
        payouts: [payout],
        error: reason,
      });
    } else {
      await movePayouts(context, change, { ...move, from: ['completed'], to: 'submitted' });
    }
    raiseAlarm(context, change, {
      chain: chain.chain,
      reason: reason.code,
      detail: reason.detail,
      subject: `payout ${payout.id}`,
    });
  });
}
