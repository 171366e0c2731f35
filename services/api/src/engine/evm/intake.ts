import { nativeAsset } from '@countersign/chains/caip';
import { TransactionError } from '@countersign/chains/error';
import { commit, demandRows } from '../commit.ts';
import { timed } from '../metrics.ts';
import { movePayouts, notePayouts, type PayoutReason } from '../move-payouts.ts';
import { type Payout, WAITING } from '../payouts.ts';
import { NONCE_FOREIGN_USE, pauseAccount } from './accounts.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { type Draft, draftTransfer, storeDraft, TRANSFER_GAS } from './draft.ts';
import { endPayout } from './end-payout.ts';
import { type Fees, openingFees } from './fees.ts';
import { openPurse } from './funds.ts';
import type { OpenNonce } from './nonces.ts';
import { preflight } from './preflight.ts';
import { noteUnpayable, passOver, payablePayouts, underfunded } from './waiting.ts';

export type Intake = 'stored' | 'failed' | 'paused' | 'waiting';

/**
 * Takes up the first of the waiting payouts that can be paid now: gives it the next nonce, for good once it may have been signed, in
 * the commit that stores its transaction.
 *
 * @returns `stored` when there is something to sign, `failed` when a payout ended, `paused` when the account was, `waiting`
 * when those looked at have to wait.
 */
export async function takePayout(
  context: EvmContext,
  view: ChainView,
  account: { readonly nextNonce: bigint; readonly open: readonly OpenNonce[] },
  waiting: readonly Payout[],
): Promise<Intake> {
  const run = () => take(context, view, account, waiting);
  return timed(context.metrics.build, context.chain.chain, run, (outcome) => outcome);
}

async function take(
  context: EvmContext,
  view: ChainView,
  { nextNonce, open }: { readonly nextNonce: bigint; readonly open: readonly OpenNonce[] },
  waiting: readonly Payout[],
): Promise<Intake> {
  const { treasury, chain } = context;
  if (nextNonce < view.usedUp) return pauseForForeignUse(context, nextNonce, view.usedUp);
  const fees = openingFees(view.market, treasury.maxFeePerGas);
  if (fees === undefined) {
    const detail = `the base fee is ${view.market.baseFee} wei, near the cap of ${treasury.maxFeePerGas}`;
    await noteAll(context, waiting, { code: 'FEE_CAP_NEAR', detail });
    return 'waiting';
  }
  const { wei, funds } = await openPurse(context, view, open, fees.maxFeePerGas);
  for (const each of funds) await noteUnpayable(context, each);
  for (const payout of await payablePayouts(context, funds)) {
    const sketch = sketchOf(context, payout, nextNonce, fees);
    if (sketch instanceof TransactionError) return end(context, payout, { code: sketch.code, detail: sketch.message });
    const gas = await preflight(context, view, payout, sketch);
    if (gas.kind === 'impossible') return end(context, payout, gas.reason);
    if (gas.kind === 'unknown') {
      await passOver(context, payout, gas.reason);
      continue;
    }
    if (sketch.value + gas.limit * fees.maxFeePerGas > wei) {
      await passOver(context, payout, underfunded(nativeAsset(chain.chain)));
      continue;
    }
    const draft = draftTransfer(context, { nonce: nextNonce, payout, gasLimit: gas.limit, fees });
    await context.hooks.at('evm.intake.planned');
    await storeWithNonce(context, draft);
    return 'stored';
  }
  return 'waiting';
}

/** A nonce that nobody took here is used up: somebody else signs with the key, or these books are behind. */
async function pauseForForeignUse(context: EvmContext, nextNonce: bigint, usedUp: bigint): Promise<'paused'> {
  const { address } = context.treasury;
  const detail = `the chain has used up the nonces of ${address} below ${usedUp}; only those below ${nextNonce} were given out here`;
  await commit(context, undefined, (change) => pauseAccount(context, change, { code: NONCE_FOREIGN_USE, detail }));
  return 'paused';
}

/** The transaction but for its gas, or why none can be made of the payout. */
function sketchOf(context: EvmContext, payout: Payout, nonce: bigint, fees: Fees): Draft | TransactionError {
  try {
    return draftTransfer(context, { nonce, payout, gasLimit: TRANSFER_GAS, fees });
  } catch (error) {
    if (error instanceof TransactionError) return error;
    throw error;
  }
}

async function storeWithNonce(context: EvmContext, draft: Draft): Promise<void> {
  const { chain, treasury } = context;
  const { nonce, payout } = draft;
  await commit(context, 'evm.attempt.uncommitted', async (change) => {
    const { sql } = change;
    const { rowCount } = await sql.query(
      `update evm_accounts set next_nonce = next_nonce + 1
       where chain = $1 and address = $2 and next_nonce = $3 and paused_code is null`,
      [chain.chain, treasury.address, nonce],
    );
    demandRows(`nonce ${nonce} taken`, rowCount, 1);
    await sql.query('insert into evm_nonces (chain, address, nonce, payout_id) values ($1, $2, $3, $4)', [
      chain.chain,
      treasury.address,
      nonce,
      payout.id,
    ]);
    await storeDraft(context, change, draft);
    await movePayouts(context, change, {
      chain: chain.chain,
      ids: [payout.id],
      from: WAITING,
      to: 'signing',
      detail: { attempt: draft.id, nonce: nonce.toString() },
    });
  });
  await context.hooks.at('evm.attempt.stored');
}

async function end(context: EvmContext, payout: Payout, reason: PayoutReason): Promise<'failed'> {
  await commit(context, undefined, (change) => endPayout(context, change, payout, undefined, { to: 'failed', reason }));
  return 'failed';
}

async function noteAll(context: EvmContext, payouts: readonly Payout[], reason: PayoutReason): Promise<void> {
  await notePayouts(
    context.pool,
    payouts.map(({ id }) => id),
    reason,
  );
}
