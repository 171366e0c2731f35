import {
  type Operation,
  type SorobanAuthorizationEntry,
  type SorobanTransactionData,
  type Transaction,
  TransactionEnvelope,
  type TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { nonRefundableFee } from './fees.ts';
import { declaredResources, isResourceFee, isValidTransactionData } from './transaction-data.ts';
import { readTransfer, type TransferCall } from './transfer.ts';

/** A transaction that invokes a contract: one operation, and what it declares to use. */
export interface SorobanTransaction {
  readonly call: TransferCall;
  readonly authorizations: readonly SorobanAuthorizationEntry[];
  readonly data: SorobanTransactionData;
  readonly networkId: Uint8Array;
  /** The resource fee's part that is never given back, stroops; the rest pays for rent and events. */
  readonly nonRefundableFee: bigint;
  /** False when it has a memo, a muxed source, or declares what cannot be: txSOROBAN_INVALID. */
  readonly valid: boolean;
}

export type SorobanReading = SorobanTransaction | { readonly refusal: 'txMalformed' | 'txNotSupported' };

/** Undefined for a transaction of classic operations. */
export function readSoroban(envelope: TransactionV1Envelope, networkId: Uint8Array): SorobanReading | undefined {
  const { tx } = envelope;
  if (!tx.operations.some(isSoroban)) return undefined;
  const [operation, ...others] = tx.operations;
  if (!operation || others.length > 0 || tx.ext.type !== 'sorobanData') return { refusal: 'txMalformed' };
  const { sorobanData: data } = tx.ext;
  if (!isResourceFee(data.resourceFee)) return { refusal: 'txMalformed' };
  if (operation.body.type !== 'invokeHostFunction') return { refusal: 'txNotSupported' };
  const { hostFunction, auth } = operation.body.invokeHostFunctionOp;
  if (!auth.every(isOfProtocol25)) return { refusal: 'txMalformed' };
  const call = readTransfer(hostFunction);
  if (!call) return { refusal: 'txNotSupported' };
  const size = TransactionEnvelope.envelopeTypeTx(envelope).toXdr().length;
  return {
    call,
    authorizations: auth,
    data,
    networkId,
    nonRefundableFee: nonRefundableFee(declaredResources(data, size)),
    valid: isPlain(tx, operation) && isValidTransactionData(data, size),
  };
}

function isSoroban({ body }: Operation): boolean {
  return ['invokeHostFunction', 'extendFootprintTtl', 'restoreFootprint'].includes(body.type);
}

/** Later protocols have more kinds of credentials (CAP-71); a node of protocol 25 cannot read them. */
export function isOfProtocol25({ credentials }: SorobanAuthorizationEntry): boolean {
  return credentials.type === 'sorobanCredentialsSourceAccount' || credentials.type === 'sorobanCredentialsAddress';
}

/** From protocol 25 a contract call can have neither memo nor muxed source (stellar-core: validateSorobanMemo). */
function isPlain(tx: Transaction, operation: Operation): boolean {
  const sources = [tx.sourceAccount, operation.sourceAccount];
  return tx.memo.type === 'memoNone' && sources.every((source) => source?.type !== 'keyTypeMuxedEd25519');
}
