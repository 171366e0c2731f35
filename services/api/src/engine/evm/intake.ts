import { TransactionError } from '@countersign/chains/error';
import { commit, demandRows } from '../commit.ts';
import { timed } from '../metrics.ts';
import { movePayouts, notePayouts, type PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import { NONCE_FOREIGN_USE, pauseAccount } from './accounts.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { type Draft, draftTransfer, storeDraft, TRANSFER_GAS } from './draft.ts';
import { endPayout } from './end-payout.ts';
import { type Fees, openingFees } from './fees.ts';
import { gasFor } from './gas.ts';
import { newestSigned, type OpenNonce } from './nonces.ts';
import { noteUnpayable, passOver, payablePayouts, UNDERFUNDED } from './waiting.ts';

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
  const { treasury, rpc } = context;
  if (nextNonce < view.usedUp) return pauseForForeignUse(context, nextNonce, view.usedUp);
  const fees = openingFees(view.market, treasury.maxFeePerGas);
  if (fees === undefined) {
    const detail = `the base fee is ${view.market.baseFee} wei, near the cap of ${treasury.maxFeePerGas}`;
    await noteAll(context, waiting, { code: 'FEE_CAP_NEAR', detail });
    return 'waiting';
  }
  const available = (await rpc.balance(treasury.address)) - committed(view, open);
  // Before anything else: the node's estimate would fail for want of funds.
  const most = available - TRANSFER_GAS * fees.maxFeePerGas;
  await noteUnpayable(context, most);
  for (const payout of await payablePayouts(context, most)) {
    const problem = unbuildable(context, payout, nextNonce, fees);
    if (problem !== undefined) return end(context, payout, problem);
    const gas = await gasFor(context, payout, 'by-code');
    if (gas.kind === 'impossible') return end(context, payout, gas.reason);
    if (gas.kind === 'unknown') {
      await passOver(context, payout, gas.reason);
      continue;
    }
    if (payout.amount + gas.limit * fees.maxFeePerGas > available) {
      await passOver(context, payout, UNDERFUNDED);
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

/** What transactions in flight can still take out of the balance that the newest block shows. */
function committed(view: ChainView, open: readonly OpenNonce[]): bigint {
  return open
    .filter(({ nonce }) => nonce >= view.usedUp)
    .map((nonce) => newestSigned(nonce) ?? nonce.attempts[0])
    .reduce((sum, attempt) => {
      return attempt === undefined ? sum : sum + attempt.value + attempt.gasLimit * attempt.fees.maxFeePerGas;
    }, 0n);
}

/** Why no transaction can be made of the payout, before the node is asked about it. */
function unbuildable(context: EvmContext, payout: Payout, nonce: bigint, fees: Fees): PayoutReason | undefined {
  try {
    draftTransfer(context, { nonce, payout, gasLimit: TRANSFER_GAS, fees });
    return undefined;
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    return { code: error.code, detail: error.message };
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
      from: ['created'],
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
