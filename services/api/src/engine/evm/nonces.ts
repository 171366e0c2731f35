import { type Payout, selectPayouts } from '../payouts.ts';
import type { EvmContext } from './context.ts';
import type { Fees } from './fees.ts';

/** A row of evm_attempts: one transaction that was put to the signer for a nonce. */
export interface EvmAttempt {
  /** at_… */
  readonly id: string;
  readonly nonce: bigint;
  readonly purpose: 'payout' | 'cancel';
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly fees: Fees;
  readonly unsigned: Uint8Array;
  readonly signingHash: string;
  readonly signed: Uint8Array | undefined;
  /** Of the signed transaction, 0x… in lower case. */
  readonly hash: string | undefined;
  readonly state: 'built' | 'signed' | 'refused';
  /** What the node last said to it. */
  readonly sentOutcome: string | undefined;
  readonly sentMsAgo: number | undefined;
  readonly signedMsAgo: number | undefined;
  readonly createdMsAgo: number;
  /** Whether a node has had it. */
  readonly accepted: boolean;
}

/** A nonce that belongs to a payout and that the chain has not used up for good. */
export interface OpenNonce {
  readonly nonce: bigint;
  readonly payout: Payout;
  /** The newest first. */
  readonly attempts: readonly EvmAttempt[];
  /** Where a transaction on it was last seen in a block. */
  readonly mined: { readonly hash: string; readonly blockNumber: bigint; readonly blockHash: string } | undefined;
}

interface NonceRow {
  readonly nonce: bigint;
  readonly payout_id: string;
  readonly mined_hash: string | null;
  readonly block_number: bigint | null;
  readonly block_hash: string | null;
}

interface AttemptRow {
  readonly id: string;
  readonly nonce: bigint;
  readonly purpose: 'payout' | 'cancel';
  readonly value: string;
  readonly gas_limit: bigint;
  readonly max_fee_per_gas: string;
  readonly max_priority_fee_per_gas: string;
  readonly unsigned: Uint8Array;
  readonly signing_hash: string;
  readonly signed: Uint8Array | null;
  readonly hash: string | null;
  readonly state: EvmAttempt['state'];
  readonly sent_outcome: string | null;
  readonly sent_ms_ago: number | null;
  readonly signed_ms_ago: number | null;
  readonly created_ms_ago: number;
  readonly accepted: boolean;
}

/** Every open nonce of the account with all that was ever built on it, the lowest nonce first. */
export async function openNonces({ pool, chain, treasury }: EvmContext): Promise<OpenNonce[]> {
  const values = [chain.chain, treasury.address];
  const { rows: nonces } = await pool.query<NonceRow>(
    `select nonce, payout_id, mined_hash, block_number, block_hash from evm_nonces
     where chain = $1 and address = $2 and state = 'open' order by nonce`,
    values,
  );
  if (nonces.length === 0) return [];
  const payouts = await selectPayouts(
    pool,
    `join evm_nonces n on n.payout_id = p.id where n.chain = $1 and n.address = $2 and n.state = 'open'`,
    values,
  );
  const { rows: attempts } = await pool.query<AttemptRow>(
    `select id, nonce, purpose, value, gas_limit, max_fee_per_gas, max_priority_fee_per_gas, unsigned, signing_hash,
       signed, hash, state, sent_outcome, accepted_at is not null as accepted,
       (extract(epoch from now() - sent_at) * 1000)::float8 as sent_ms_ago,
       (extract(epoch from now() - signed_at) * 1000)::float8 as signed_ms_ago,
       (extract(epoch from now() - created_at) * 1000)::float8 as created_ms_ago
     from evm_attempts
     where chain = $1 and address = $2
       and (nonce, payout_id) in (select nonce, payout_id from unnest($3::bigint[], $4::text[]) as own (nonce, payout_id))
     order by created_at desc, id desc`,
    [...values, nonces.map(({ nonce }) => nonce), nonces.map(({ payout_id }) => payout_id)],
  );
  const payoutById = new Map(payouts.map((payout) => [payout.id, payout]));
  const attemptsByNonce = Map.groupBy(attempts, ({ nonce }) => nonce);
  return nonces.flatMap((row) => {
    const payout = payoutById.get(row.payout_id);
    // It ended between the two queries.
    if (payout === undefined) return [];
    const own = (attemptsByNonce.get(row.nonce) ?? []).map(attemptOf);
    return [{ nonce: row.nonce, payout, attempts: own, mined: minedOf(row) }];
  });
}

/** The newest signed transaction of a nonce: the one that is sent. */
export function newestSigned({ attempts }: OpenNonce): EvmAttempt | undefined {
  return attempts.find(({ state }) => state === 'signed');
}

/** Whether the transaction is not to be sent any more: its payout was told to have failed, and was set aside since. */
export function isGivenUp({ payout }: OpenNonce, { purpose }: EvmAttempt): boolean {
  return payout.status === 'indeterminate' && purpose === 'payout';
}

export function builtAttempt({ attempts }: OpenNonce): EvmAttempt | undefined {
  return attempts.find(({ state }) => state === 'built');
}

function minedOf({ mined_hash: hash, block_number: blockNumber, block_hash: blockHash }: NonceRow): OpenNonce['mined'] {
  return hash === null || blockNumber === null || blockHash === null ? undefined : { hash, blockNumber, blockHash };
}

function attemptOf(row: AttemptRow): EvmAttempt {
  return {
    id: row.id,
    nonce: row.nonce,
    purpose: row.purpose,
    value: BigInt(row.value),
    gasLimit: row.gas_limit,
    fees: {
      maxFeePerGas: BigInt(row.max_fee_per_gas),
      maxPriorityFeePerGas: BigInt(row.max_priority_fee_per_gas),
    },
    unsigned: row.unsigned,
    signingHash: row.signing_hash,
    signed: row.signed ?? undefined,
    hash: row.hash ?? undefined,
    state: row.state,
    sentOutcome: row.sent_outcome ?? undefined,
    sentMsAgo: row.sent_ms_ago ?? undefined,
    signedMsAgo: row.signed_ms_ago ?? undefined,
    createdMsAgo: row.created_ms_ago,
    accepted: row.accepted,
  };
}
