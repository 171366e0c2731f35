import { recordEngineEvent } from '../audit.ts';
import { CHAIN_UNAVAILABLE } from '../chain-trouble.ts';
import { commit, demandRows } from '../commit.ts';
import { RpcError } from '../json-rpc.ts';
import { timed } from '../metrics.ts';
import { notePayouts, type PayoutReason } from '../move-payouts.ts';
import { pauseAccount } from './accounts.ts';
import type { EvmContext } from './context.ts';
import { type EvmAttempt, isGivenUp, newestSigned, type OpenNonce } from './nonces.ts';
import { readSendError, type SendVerdict } from './send-verdict.ts';

/** Whether the newest bytes of a nonce are to be sent, for the first time or again. */
export function isSendDue({ timing }: EvmContext, nonce: OpenNonce): boolean {
  const newest = newestSigned(nonce);
  if (newest === undefined || isGivenUp(nonce, newest)) return false;
  return newest.sentMsAgo === undefined || newest.sentMsAgo >= timing.resendMs;
}

/**
 * Sends the newest bytes of a nonce. The look-up of receipts decides; the answer only says how to go on meanwhile.
 *
 * @returns whether the node can be talked to at all.
 */
export async function broadcast(context: EvmContext, nonce: OpenNonce): Promise<SendVerdict> {
  const attempt = newestSigned(nonce);
  if (attempt?.signed === undefined) throw new Error(`nonce ${nonce.nonce}: nothing to send`);
  const { verdict, detail } = await send(context, attempt.signed);
  await context.hooks.at('evm.submit.answered');
  await storeAnswer(context, nonce, attempt, verdict, detail);
  await context.hooks.at('evm.submit.stored');
  const reason = reasonFor(verdict, detail);
  if (reason !== undefined) await notePayouts(context.pool, [nonce.payout.id], reason);
  if (verdict === 'sent') await clearReason(context, nonce);
  if (verdict === 'nonce-too-high') await resendAll(context);
  if (verdict === 'invalid' && reason !== undefined) {
    await commit(context, undefined, (change) => pauseAccount(context, change, reason));
  }
  return verdict;
}

interface Answer {
  readonly verdict: SendVerdict;
  /** The node's own words. */
  readonly detail: string;
}

async function send(context: EvmContext, signed: Uint8Array): Promise<Answer> {
  const { rpc, metrics, chain, log } = context;
  const ask = async (): Promise<Answer> => {
    try {
      await rpc.send(signed);
      return { verdict: 'sent', detail: '' };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      const verdict = readSendError(error);
      if (verdict === 'unknown') {
        metrics.errors.inc({ chain: chain.chain, stage: 'submit' });
        log.warn({ chain: chain.chain, err: error }, 'nobody knows whether the node took the transaction');
      }
      return { verdict, detail: error.message };
    }
  };
  return timed(metrics.submit, chain.chain, ask, ({ verdict }) => verdict);
}

async function storeAnswer(
  context: EvmContext,
  nonce: OpenNonce,
  attempt: EvmAttempt,
  verdict: SendVerdict,
  detail: string,
): Promise<void> {
  await commit(context, undefined, async (change) => {
    const { rowCount } = await change.sql.query(
      `update evm_attempts set sent_at = now(), sent_outcome = $2,
         accepted_at = case when $3 then coalesce(accepted_at, now()) else accepted_at end
       where id = $1 and state = 'signed'`,
      [attempt.id, verdict, verdict === 'sent'],
    );
    demandRows(`attempt ${attempt.id} sent`, rowCount, 1);
    if (verdict === attempt.sentOutcome) return;
    const reason = reasonFor(verdict, detail);
    await recordEngineEvent(context, change, {
      name: 'SubmitTransaction',
      requestId: attempt.id,
      chain: context.chain.chain,
      keyId: context.treasury.key,
      payouts: [nonce.payout],
      parameters: { transactionHash: attempt.hash ?? null },
      ...(reason === undefined ? { response: { outcome: verdict } } : { error: reason }),
    });
  });
}

function reasonFor(verdict: SendVerdict, detail: string): PayoutReason | undefined {
  switch (verdict) {
    case 'sent':
    // It is in a block already, or was: the receipts tell.
    case 'nonce-too-low':
      return undefined;
    case 'nonce-too-high':
      return { code: 'NONCE_TOO_HIGH', detail };
    case 'underpriced':
      return { code: 'FEE_TOO_LOW', detail };
    case 'insufficient-funds':
      return { code: 'TREASURY_UNDERFUNDED', detail };
    case 'gas':
      return { code: 'GAS_LIMIT', detail };
    case 'invalid':
      return { code: 'TRANSACTION_INVALID', detail };
    case 'unknown':
      return { code: CHAIN_UNAVAILABLE, detail };
    default:
      return verdict satisfies never;
  }
}

async function clearReason({ pool }: EvmContext, { payout }: OpenNonce): Promise<void> {
  await pool.query(
    `update payouts set reason_code = null, reason_detail = null, updated_at = now()
     where id = $1 and reason_code is not null and status in ('submitted', 'confirming')`,
    [payout.id],
  );
}

/** The node lacks an earlier nonce: everything is due again, from the lowest open one on. */
async function resendAll({ pool, chain, treasury }: EvmContext): Promise<void> {
  await pool.query(
    `update evm_attempts a set sent_at = null from evm_nonces n
     where n.chain = $1 and n.address = $2 and n.state = 'open' and n.mined_hash is null
       and a.chain = n.chain and a.address = n.address and a.nonce = n.nonce and a.payout_id = n.payout_id`,
    [chain.chain, treasury.address],
  );
}
