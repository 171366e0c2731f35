import type { xdr } from '@stellar/stellar-sdk/base';
import type { ChainId } from '../caip.ts';
import { checkRange } from '../check.ts';
import { TransactionError } from '../error.ts';
import { type FootprintKey, writeFootprint } from './footprint.ts';

/** What an invocation may use at most. `resourceFee` in stroops, a part of the transaction's fee; each number a uint32. */
export interface SorobanResources {
  readonly resourceFee: bigint;
  readonly instructions: number;
  readonly diskReadBytes: number;
  readonly writeBytes: number;
  readonly readOnly: readonly FootprintKey[];
  readonly readWrite: readonly FootprintKey[];
}

/** What a transaction with this whole fee declares. Archived entries, which it would restore and pay for, are refused. */
export function writeResources(
  field: string,
  chain: ChainId,
  fee: bigint,
  { ext, resources, resourceFee }: xdr.SorobanTransactionData,
): SorobanResources {
  if (ext.type !== 'v0') {
    const message = 'expected no archived entries to restore';
    throw new TransactionError('ENTRY_ARCHIVED_IN_FOOTPRINT', `${field}.ext`, message);
  }
  const { footprint, instructions, diskReadBytes, writeBytes } = resources;
  return {
    resourceFee: checkRange('INVALID_FEE', `${field}.resourceFee`, resourceFee, 0n, fee),
    instructions,
    diskReadBytes,
    writeBytes,
    ...writeFootprint(`${field}.footprint`, chain, footprint),
  };
}
