import { raiseAlarm } from '../alarm.ts';
import { commit, demandRows } from '../commit.ts';
import type { EvmContext } from './context.ts';
import { endPayout } from './end-payout.ts';
import { endingOf } from './ending.ts';
import type { OpenNonce } from './nonces.ts';
import type { Receipt } from './rpc-answers.ts';

/** Ends the payout of a nonce whose transaction is final: paid, reverted, canceled in its stead, or set aside. */
export async function finish(context: EvmContext, nonce: OpenNonce, receipt: Receipt): Promise<void> {
  const { chain, treasury, metrics } = context;
  const attempt = nonce.attempts.find(({ hash }) => hash === receipt.hash);
  if (attempt === undefined) throw new Error(`nonce ${nonce.nonce}: a receipt for another transaction`);
  const ending = endingOf(treasury.address, nonce.payout, attempt, receipt);
  await commit(context, 'evm.final.uncommitted', async (change) => {
    const { rowCount } = await change.sql.query(
      `update evm_nonces set state = 'final', mined_hash = $4, block_number = $5, block_hash = $6, final_at = now()
       where chain = $1 and address = $2 and nonce = $3 and state = 'open'`,
      [chain.chain, treasury.address, nonce.nonce, receipt.hash, receipt.blockNumber, receipt.blockHash],
    );
    demandRows(`nonce ${nonce.nonce} to final`, rowCount, 1);
    // A replacement that nobody needs any more.
    await change.sql.query(`update evm_attempts set state = 'refused' where payout_id = $1 and state = 'built'`, [
      nonce.payout.id,
    ]);
    await endPayout(context, change, nonce.payout, attempt.id, ending);
    if (ending.to === 'indeterminate') {
      const { code, detail } = ending.reason;
      raiseAlarm(context, change, { chain: chain.chain, reason: code, detail, subject: `payout ${nonce.payout.id}` });
    }
  });
  const firstSigned = nonce.attempts.findLast(({ signedMsAgo }) => signedMsAgo !== undefined)?.signedMsAgo ?? 0;
  const outcome = ending.to === 'completed' ? 'success' : ending.reason.code.toLowerCase();
  metrics.confirm.observe({ chain: chain.chain, outcome }, firstSigned / 1000);
  await context.hooks.at('evm.final.stored');
}
