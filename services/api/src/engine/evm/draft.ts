import { parseAssetId } from '@countersign/chains/caip';
import { buildEvmTransfer, type EvmTransfer } from '@countersign/chains/evm/build';
import { newId } from '../../ids.ts';
import { recordEngineEvent } from '../audit.ts';
import { type Change, demandRows, StaleError } from '../commit.ts';
import type { Payout } from '../payouts.ts';
import type { EvmContext } from './context.ts';
import type { Fees } from './fees.ts';

/** An unsigned transaction for a nonce, not stored yet. */
export interface Draft {
  /** at_… */
  readonly id: string;
  readonly nonce: bigint;
  readonly payout: Payout;
  readonly purpose: 'payout' | 'cancel';
  /** Wei: none with a token's transfer. */
  readonly value: bigint;
  readonly gasLimit: bigint;
  readonly fees: Fees;
  readonly unsigned: Uint8Array;
  /** 0x… */
  readonly signingHash: string;
}

export const TRANSFER_GAS = 21_000n;

/** The contract of the payout's token; undefined where it is in the chain's own coin. */
export function tokenOf({ asset }: Pick<Payout, 'asset'>): string | undefined {
  const parsed = parseAssetId(asset);
  return parsed.kind === 'erc20' ? parsed.contract : undefined;
}

/** Builds the payout's transfer. @throws TransactionError where no transaction can be built of it. */
export function draftTransfer(
  context: EvmContext,
  { nonce, payout, gasLimit, fees }: Pick<Draft, 'nonce' | 'payout' | 'gasLimit' | 'fees'>,
): Draft {
  const token = tokenOf(payout);
  const terms = { to: payout.destination, amount: payout.amount, ...(token !== undefined && { token }) };
  return { ...build(context, nonce, terms, gasLimit, fees), payout, purpose: 'payout' };
}

/** Builds a transfer of nothing to ourselves, which uses the nonce up in the payout's stead. */
export function draftCancel(
  context: EvmContext,
  { nonce, payout, fees }: Pick<Draft, 'nonce' | 'payout' | 'fees'>,
): Draft {
  const terms = { to: context.treasury.address, amount: 0n };
  return { ...build(context, nonce, terms, TRANSFER_GAS, fees), payout, purpose: 'cancel' };
}

function build(
  { chain }: EvmContext,
  nonce: bigint,
  terms: Pick<EvmTransfer, 'to' | 'amount' | 'token'>,
  gasLimit: bigint,
  fees: Fees,
): Omit<Draft, 'payout' | 'purpose'> {
  const { unsigned, signingHash } = buildEvmTransfer({ chainId: chain.chainId, nonce, ...terms, gasLimit, ...fees });
  const value = terms.token === undefined ? terms.amount : 0n;
  return { id: newId('at'), nonce, value, gasLimit, fees, unsigned, signingHash: hex(signingHash) };
}

function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** Stores the transaction before anybody is asked to sign it. An account has one such transaction at a time. */
export async function storeDraft(context: EvmContext, change: Change, draft: Draft): Promise<void> {
  const { chain, treasury } = context;
  const { rowCount: owned } = await change.sql.query(
    `select 1 from evm_nonces
     where chain = $1 and address = $2 and nonce = $3 and payout_id = $4 and state = 'open' for update`,
    [chain.chain, treasury.address, draft.nonce, draft.payout.id],
  );
  demandRows(`nonce ${draft.nonce} open`, owned, 1);
  const { rowCount } = await change.sql.query(
    `insert into evm_attempts (id, chain, address, nonce, payout_id, key_id, purpose, value, gas_limit, max_fee_per_gas,
       max_priority_fee_per_gas, unsigned, signing_hash, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'built')
     on conflict (chain, address) where state = 'built' do nothing`,
    [
      draft.id,
      chain.chain,
      treasury.address,
      draft.nonce,
      draft.payout.id,
      treasury.key,
      draft.purpose,
      draft.value,
      draft.gasLimit,
      draft.fees.maxFeePerGas,
      draft.fees.maxPriorityFeePerGas,
      draft.unsigned,
      draft.signingHash,
    ],
  );
  if (rowCount !== 1) throw new StaleError(`account ${treasury.address} has another transaction to be signed`);
  await recordEngineEvent(context, change, {
    name: 'BuildTransaction',
    requestId: draft.id,
    chain: chain.chain,
    keyId: treasury.key,
    payouts: [draft.payout],
    parameters: {
      purpose: draft.purpose,
      nonce: draft.nonce.toString(),
      gasLimit: draft.gasLimit.toString(),
      maxFeePerGas: draft.fees.maxFeePerGas.toString(),
      maxPriorityFeePerGas: draft.fees.maxPriorityFeePerGas.toString(),
    },
    response: { signingHash: draft.signingHash },
  });
}
