import type { xdr } from '@stellar/stellar-sdk/base';
import { type ChainId, nativeAsset, stellarChainId } from '../caip.ts';
import { TransactionError } from '../error.ts';
import type { StellarMemo } from '../transfer.ts';
import { writeSource } from './account.ts';
import { readUnsignedEnvelope, transactionHash } from './envelope.ts';
import { laneOf } from './lane.ts';
import { writeMemo } from './memo.ts';
import { decodeOperation, type StellarOperation } from './operation.ts';

export type { StellarOperation } from './operation.ts';

/** All that an unsigned envelope says. `fee` in stroops for the whole transaction, times in Unix seconds (0: no bound). */
export interface StellarTransaction {
  readonly kind: 'stellar';
  readonly chain: ChainId;
  /** What a signature is made over, and the transaction's id: 32 bytes. */
  readonly hash: Uint8Array;
  readonly source: string;
  readonly sequence: bigint;
  readonly fee: bigint;
  readonly minTime: bigint;
  readonly maxTime: bigint;
  readonly memo?: StellarMemo;
  readonly operations: readonly StellarOperation[];
}

/**
 * Reads an unsigned V1 envelope strictly: canonical XDR, no signature, no extension, time bounds as the only precondition,
 * no muxed source, 1 to 100 operations of known types. Whatever it returns is all there is in the transaction; anything
 * else, whatever the bytes, is a TransactionError.
 */
export function decodeStellarTransaction(networkPassphrase: string, envelope: Uint8Array): StellarTransaction {
  const chain = stellarChainId(networkPassphrase);
  const { bytes, transaction } = readUnsignedEnvelope(envelope);
  if (transaction.ext.type !== 'v0') {
    throw new TransactionError('SOROBAN_DATA', 'ext', 'expected no extension, got Soroban data');
  }
  if (transaction.operations.length === 0) {
    throw new TransactionError('OPERATION_COUNT', 'operations', 'expected 1..100 operations, got 0');
  }
  laneOf(transaction.seqNum); // refuses a number outside every lane
  const memo = writeMemo(transaction.memo);
  const native = nativeAsset(chain);
  return {
    kind: 'stellar',
    chain,
    hash: transactionHash(networkPassphrase, bytes),
    source: writeSource('source', transaction.sourceAccount),
    sequence: transaction.seqNum,
    fee: BigInt(transaction.fee),
    ...timeBounds(transaction.cond),
    ...(memo && { memo }),
    operations: transaction.operations.map((operation, index) =>
      decodeOperation(`operations[${index}]`, native, operation),
    ),
  };
}

function timeBounds(preconditions: xdr.Preconditions): { minTime: bigint; maxTime: bigint } {
  switch (preconditions.type) {
    case 'precondTime': {
      const { minTime, maxTime } = preconditions.timeBounds;
      return { minTime, maxTime };
    }
    case 'precondNone':
      throw new TransactionError('TIME_BOUNDS_MISSING', 'preconditions', 'expected time bounds, got none');
    case 'precondV2':
      throw new TransactionError('UNSUPPORTED_PRECONDITIONS', 'preconditions', 'expected time bounds alone, got V2');
  }
}
