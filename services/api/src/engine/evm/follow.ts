import { type Change, commit, demandRows } from '../commit.ts';
import { movePayouts } from '../move-payouts.ts';
import { NONCE_FOREIGN_USE, pauseAccount } from './accounts.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { endPayout } from './end-payout.ts';
import { finish } from './finish.ts';
import type { OpenNonce } from './nonces.ts';
import type { Receipt } from './rpc-answers.ts';

/**
 * Looks after a nonce that a block has used up, or had used up: finds which of our transactions it was, notices when a
 * reorganisation takes it back, and ends the payout once it is final.
 *
 * @returns true when something changed.
 */
export async function followNonce(context: EvmContext, view: ChainView, nonce: OpenNonce): Promise<boolean> {
  if (nonce.nonce >= view.usedUp && nonce.mined === undefined) return false;
  const receipt = await receiptOf(context, nonce);
  if (receipt === undefined) return withoutReceipt(context, view, nonce);
  await context.hooks.at('evm.receipt.seen');
  const changed = await storeReceipt(context, nonce, receipt);
  if (receipt.blockNumber > view.finalized) return changed;
  // The node that said `finalized` must hold the receipt's block to be canonical.
  if ((await context.rpc.blockHash(receipt.blockNumber)) !== receipt.blockHash) return changed;
  await context.hooks.at('evm.final.seen');
  await finish(context, nonce, receipt);
  return true;
}

async function receiptOf({ rpc }: EvmContext, { attempts }: OpenNonce): Promise<Receipt | undefined> {
  for (const { hash } of attempts) {
    const receipt = hash === undefined ? undefined : await rpc.receipt(hash);
    if (receipt !== undefined) return receipt;
  }
  return undefined;
}

async function storeReceipt(context: EvmContext, nonce: OpenNonce, receipt: Receipt): Promise<boolean> {
  const { mined, payout } = nonce;
  if (mined?.hash === receipt.hash && mined.blockHash === receipt.blockHash) return false;
  await commit(context, undefined, async (change) => {
    await setMined(context, change, nonce, receipt);
    if (payout.status === 'submitted') {
      await movePayouts(context, change, {
        chain: context.chain.chain,
        ids: [payout.id],
        from: ['submitted'],
        to: 'confirming',
        hash: receipt.hash,
        detail: { block: receipt.blockNumber.toString() },
      });
    }
  });
  await context.hooks.at('evm.receipt.stored');
  return true;
}

async function withoutReceipt(context: EvmContext, view: ChainView, nonce: OpenNonce): Promise<boolean> {
  if (nonce.mined !== undefined) {
    await takeBack(context, nonce);
    return true;
  }
  const { rpc, treasury } = context;
  if ((await rpc.transactionCount(treasury.address, view.finalized)) <= nonce.nonce) return false;
  // Used up for good. Asked once more: the first look may have been at a node that was a block behind.
  if ((await receiptOf(context, nonce)) !== undefined) return true;
  await loseNonce(context, nonce);
  return true;
}

/** A reorganisation took the transaction out of its block: it is as if only submitted, on the same nonce. */
async function takeBack(context: EvmContext, nonce: OpenNonce): Promise<void> {
  context.log.warn({ payout: nonce.payout.id, nonce: nonce.nonce.toString() }, 'a receipt is gone: a reorganisation');
  await commit(context, undefined, async (change) => {
    await setMined(context, change, nonce, undefined);
    if (nonce.payout.status !== 'confirming') return;
    await movePayouts(context, change, {
      chain: context.chain.chain,
      ids: [nonce.payout.id],
      from: ['confirming'],
      to: 'submitted',
      reason: { code: 'REORGANISED', detail: 'the block with its transaction is no longer part of the chain' },
    });
    await change.sql.query('update evm_attempts set sent_at = null where chain = $1 and address = $2 and nonce = $3', [
      context.chain.chain,
      context.treasury.address,
      nonce.nonce,
    ]);
  });
}

/** A transaction that is not ours used the nonce: nobody can say what it paid. */
async function loseNonce(context: EvmContext, nonce: OpenNonce): Promise<void> {
  const reason = {
    code: NONCE_FOREIGN_USE,
    detail: `a transaction that is not ours used nonce ${nonce.nonce} of ${context.treasury.address}`,
  };
  await commit(context, undefined, async (change) => {
    const { rowCount } = await change.sql.query(
      `update evm_nonces set state = 'lost' where chain = $1 and address = $2 and nonce = $3 and state = 'open'`,
      [context.chain.chain, context.treasury.address, nonce.nonce],
    );
    demandRows(`nonce ${nonce.nonce} to lost`, rowCount, 1);
    await change.sql.query(`update evm_attempts set state = 'refused' where payout_id = $1 and state = 'built'`, [
      nonce.payout.id,
    ]);
    await endPayout(context, change, nonce.payout, nonce.attempts[0]?.id, { to: 'indeterminate', reason });
    await pauseAccount(context, change, reason);
  });
}

async function setMined(
  { chain, treasury }: EvmContext,
  { sql }: Change,
  { nonce, mined }: OpenNonce,
  receipt: Receipt | undefined,
): Promise<void> {
  const { rowCount } = await sql.query(
    `update evm_nonces set mined_hash = $4, block_number = $5, block_hash = $6
     where chain = $1 and address = $2 and nonce = $3 and state = 'open' and block_hash is not distinct from $7`,
    [chain.chain, treasury.address, nonce, receipt?.hash, receipt?.blockNumber, receipt?.blockHash, mined?.blockHash],
  );
  demandRows(`nonce ${nonce} mined`, rowCount, 1);
}
