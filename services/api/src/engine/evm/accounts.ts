import { raiseAlarm } from '../alarm.ts';
import { cleanText } from '../clean-text.ts';
import type { Change } from '../commit.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { EvmContext } from './context.ts';

/** A row of evm_accounts. */
export interface EvmAccount {
  /** The lowest nonce that no payout owns. */
  readonly nextNonce: bigint;
  /** Set when a person must look before anything new is signed. */
  readonly paused: PayoutReason | undefined;
}

/** Why an account pauses whose nonces somebody else uses. */
export const NONCE_FOREIGN_USE = 'NONCE_FOREIGN_USE';

interface AccountRow {
  readonly next_nonce: bigint;
  readonly paused_code: string | null;
  readonly paused_detail: string | null;
}

export async function readAccount({ pool, chain, treasury }: EvmContext): Promise<EvmAccount | undefined> {
  const { rows } = await pool.query<AccountRow>(
    'select next_nonce, paused_code, paused_detail from evm_accounts where chain = $1 and address = $2',
    [chain.chain, treasury.address],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { next_nonce: nextNonce, paused_code: code, paused_detail: detail } = row;
  return { nextNonce, paused: code === null ? undefined : { code, detail: detail ?? '' } };
}

/** Begins with the account where the chain has it: every nonce so far is used up by others. */
export async function openAccount({ pool, rpc, chain, treasury }: EvmContext): Promise<void> {
  const count = await rpc.transactionCount(treasury.address, 'latest');
  await pool.query(
    `insert into evm_accounts (chain, address, key_id, next_nonce) values ($1, $2, $3, $4) on conflict do nothing`,
    [chain.chain, treasury.address, treasury.key, count],
  );
}

/** Stops everything new on the account until a person lifts it, and raises the alarm, once. */
export async function pauseAccount(context: EvmContext, change: Change, reason: PayoutReason): Promise<void> {
  const { chain, treasury } = context;
  const { rowCount } = await change.sql.query(
    `update evm_accounts set paused_code = $3, paused_detail = $4
     where chain = $1 and address = $2 and paused_code is null`,
    [chain.chain, treasury.address, reason.code, cleanText(reason.detail)],
  );
  if (rowCount !== 1) return;
  const subject = `account ${treasury.address}`;
  raiseAlarm(context, change, { chain: chain.chain, reason: reason.code, detail: reason.detail, subject });
}
