import { StrKey, type xdr } from '@stellar/stellar-sdk/base';
import { type AssetId, type ChainId, nativeAsset } from '../caip.ts';
import { checkRange } from '../check.ts';
import { TransactionError } from '../error.ts';
import { MAX_INT64 } from '../limits.ts';
import { writeDestination, writeSource } from './account.ts';
import { writeAsset } from './asset.ts';

/**
 * One operation of a transaction. `source` is there only when the operation names one (a plain `G…` account). `amount` is
 * in units of 10^-7 and positive. A payment's asset is the native or an issued one, a new account's the native one. A
 * payment's destination is `G…` or `M…`, a new account's `G…`.
 */
export type StellarOperation =
  | {
      readonly type: 'payment';
      readonly source?: string;
      readonly destination: string;
      readonly asset: AssetId;
      readonly amount: bigint;
    }
  | {
      readonly type: 'createAccount';
      readonly source?: string;
      readonly destination: string;
      readonly asset: AssetId;
      readonly amount: bigint;
    }
  | { readonly type: 'bumpSequence'; readonly source?: string; readonly bumpTo: bigint };

/** Reads an operation of a transaction on this chain; any type but these three is refused. */
export function decodeOperation(field: string, chain: ChainId, operation: xdr.Operation): StellarOperation {
  const source =
    operation.sourceAccount === null ? {} : { source: writeSource(`${field}.source`, operation.sourceAccount) };
  const { body } = operation;
  switch (body.type) {
    case 'payment':
      return {
        type: 'payment',
        ...source,
        destination: writeDestination(body.paymentOp.destination),
        asset: writeAsset(`${field}.asset`, chain, body.paymentOp.asset),
        amount: checkRange('INVALID_AMOUNT', `${field}.amount`, body.paymentOp.amount, 1n, MAX_INT64),
      };
    case 'createAccount':
      return {
        type: 'createAccount',
        ...source,
        destination: StrKey.encodeEd25519PublicKey(body.createAccountOp.destination.ed25519.value),
        asset: nativeAsset(chain),
        amount: checkRange('INVALID_AMOUNT', `${field}.amount`, body.createAccountOp.startingBalance, 1n, MAX_INT64),
      };
    case 'bumpSequence':
      return {
        type: 'bumpSequence',
        ...source,
        bumpTo: checkRange('INVALID_SEQUENCE', `${field}.bumpTo`, body.bumpSequenceOp.bumpTo, 0n, MAX_INT64),
      };
    default:
      throw new TransactionError(
        'UNSUPPORTED_OPERATION',
        field,
        `expected payment, createAccount or bumpSequence, got ${body.type}`,
      );
  }
}
