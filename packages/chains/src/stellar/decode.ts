import type { xdr } from '@stellar/stellar-sdk/base';
import { type ChainId, stellarChainId } from '../caip.ts';
import { TransactionError } from '../error.ts';
import type { StellarMemo } from '../transfer.ts';
import { writeSource } from './account.ts';
import { type AuthorizedTransfer, addressCredentials, readEntry, writeAuthorization } from './authorization.ts';
import { readUnsignedEnvelope, transactionHash } from './envelope.ts';
import { type SignedAuthorization, writeInvocation } from './invocation.ts';
import { laneOf } from './lane.ts';
import { writeMemo } from './memo.ts';
import { decodeOperation, type StellarOperation } from './operation.ts';
import type { SorobanResources } from './resources.ts';

export type { FootprintKey } from './footprint.ts';
export type { SignedAuthorization } from './invocation.ts';
export type { StellarOperation } from './operation.ts';
export type { SorobanResources } from './resources.ts';
export type { TokenTransfer } from './token.ts';

/** What every envelope says. `fee` in stroops for the whole transaction, times in Unix seconds (0: no bound). */
interface Envelope {
  readonly chain: ChainId;
  /** What a signature is made over, and the transaction's id: 32 bytes. */
  readonly hash: Uint8Array;
  readonly source: string;
  readonly sequence: bigint;
  readonly fee: bigint;
  readonly minTime: bigint;
  readonly maxTime: bigint;
}

/** All that an unsigned envelope of classic operations says. */
export interface StellarTransaction extends Envelope {
  readonly kind: 'stellar';
  readonly memo?: StellarMemo;
  readonly operations: readonly StellarOperation[];
}

/** All that an unsigned envelope around one token transfer says; the authorization in it is signed already. */
export interface StellarInvocation extends Envelope {
  readonly kind: 'stellar-invocation';
  readonly authorization: SignedAuthorization;
  /** `fee` includes `resources.resourceFee`. */
  readonly resources: SorobanResources;
}

/** All that an unsigned authorization entry says. */
export interface StellarAuthorization extends AuthorizedTransfer {
  readonly kind: 'stellar-authorization';
  readonly chain: ChainId;
}

/**
 * Reads an unsigned V1 envelope strictly: canonical XDR, no signature, time bounds as the only precondition, no muxed
 * source, and either 1 to 100 classic operations of known types without an extension, or one InvokeHostFunction that
 * transfers a token by the one signed authorization in it. Whatever it returns is all there is in the transaction; anything
 * else, whatever the bytes, is a TransactionError.
 */
export function decodeStellarTransaction(
  networkPassphrase: string,
  envelope: Uint8Array,
): StellarTransaction | StellarInvocation {
  const chain = stellarChainId(networkPassphrase);
  const { bytes, transaction } = readUnsignedEnvelope(envelope);
  const { operations } = transaction;
  laneOf(transaction.seqNum); // refuses a number outside every lane
  const common = {
    chain,
    hash: transactionHash(networkPassphrase, bytes),
    source: writeSource('source', transaction.sourceAccount),
    sequence: transaction.seqNum,
    fee: BigInt(transaction.fee),
    ...timeBounds(transaction.cond),
  };
  const [only] = operations;
  if (operations.length === 1 && only?.body.type === 'invokeHostFunction') {
    const invocation = writeInvocation(networkPassphrase, transaction, only, only.body.invokeHostFunctionOp);
    return { kind: 'stellar-invocation', ...common, ...invocation };
  }
  if (transaction.ext.type !== 'v0') {
    throw new TransactionError('SOROBAN_DATA', 'ext', 'expected no extension, got Soroban data');
  }
  if (operations.length === 0) {
    throw new TransactionError('OPERATION_COUNT', 'operations', 'expected 1..100 operations, got 0');
  }
  const memo = writeMemo(transaction.memo);
  return {
    kind: 'stellar',
    ...common,
    ...(memo && { memo }),
    operations: operations.map((operation, index) => decodeOperation(`operations[${index}]`, chain, operation)),
  };
}

/**
 * Reads an unsigned SorobanAuthorizationEntry strictly: canonical XDR, credentials of an account by its address, no
 * signature, one SEP-41 `transfer` from that account and nothing under it. Whatever it returns is all there is in the entry;
 * anything else, whatever the bytes, is a TransactionError.
 */
export function decodeAuthorization(networkPassphrase: string, entry: Uint8Array): StellarAuthorization {
  const chain = stellarChainId(networkPassphrase);
  const parsed = readEntry(entry);
  const authorization = writeAuthorization('authorization', networkPassphrase, parsed);
  if (addressCredentials('authorization', parsed).signature.type !== 'scvVoid') {
    throw new TransactionError('ALREADY_SIGNED', 'authorization.credentials.signature', 'expected none');
  }
  return { kind: 'stellar-authorization', chain, ...authorization };
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
