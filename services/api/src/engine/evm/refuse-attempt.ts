import { recordEngineEvent } from '../audit.ts';
import { type Change, demandRows } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { EvmContext } from './context.ts';
import type { EvmAttempt, OpenNonce } from './nonces.ts';

/** A transaction that the signer will not sign is not put to it again. */
export async function refuseAttempt(
  context: EvmContext,
  change: Change,
  { payout }: OpenNonce,
  attempt: EvmAttempt,
  reason: PayoutReason,
): Promise<void> {
  const { rowCount } = await change.sql.query(
    `update evm_attempts set state = 'refused' where id = $1 and state = 'built'`,
    [attempt.id],
  );
  demandRows(`attempt ${attempt.id} to refused`, rowCount, 1);
  await recordEngineEvent(context, change, {
    name: 'SignTransaction',
    requestId: attempt.id,
    chain: context.chain.chain,
    keyId: context.treasury.key,
    payouts: [payout],
    parameters: { purpose: attempt.purpose, signingHash: attempt.signingHash },
    error: reason,
  });
}

/** Gives the nonce that was taken last back to the account. */
export async function giveNonceBack({ chain, treasury }: EvmContext, { sql }: Change, nonce: bigint): Promise<void> {
  const key = [chain.chain, treasury.address, nonce];
  await sql.query('delete from evm_nonces where chain = $1 and address = $2 and nonce = $3', key);
  const { rowCount } = await sql.query(
    `update evm_accounts set next_nonce = $3 where chain = $1 and address = $2 and next_nonce = $3 + 1::bigint`,
    key,
  );
  demandRows(`nonce ${nonce} given back`, rowCount, 1);
}
