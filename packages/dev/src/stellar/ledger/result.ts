import {
  InnerTransactionResult,
  InnerTransactionResultExt,
  InnerTransactionResultPair,
  InnerTransactionResultResult,
  type OperationResult,
  TransactionResult,
  TransactionResultExt,
  TransactionResultResult,
} from '@stellar/stellar-sdk/xdr';

/** The result codes of a transaction that say nothing of its operations. */
export type PlainCode =
  | 'txTooEarly'
  | 'txTooLate'
  | 'txMissingOperation'
  | 'txBadSeq'
  | 'txBadAuth'
  | 'txInsufficientBalance'
  | 'txNoAccount'
  | 'txInsufficientFee'
  | 'txBadAuthExtra'
  | 'txNotSupported'
  | 'txBadMinSeqAgeOrGap'
  | 'txMalformed'
  | 'txSorobanInvalid'
  | 'txFrozenKeyAccessed';

/** How a transaction fared, without its fee. */
export type Outcome =
  | { readonly code: 'txSuccess' | 'txFailed'; readonly operations: readonly OperationResult[] }
  | { readonly code: PlainCode };

export function transactionResult(feeCharged: bigint, outcome: Outcome): TransactionResult {
  const result =
    outcome.code === 'txSuccess' || outcome.code === 'txFailed'
      ? TransactionResultResult[outcome.code]([...outcome.operations])
      : TransactionResultResult[outcome.code]();
  return new TransactionResult({ feeCharged, result, ext: TransactionResultExt.v0() });
}

/** The result of a fee bump that got as far as its inner transaction. From protocol 25 the inner fee is always 0. */
export function feeBumpResult(feeCharged: bigint, innerHash: Uint8Array, inner: Outcome): TransactionResult {
  const result =
    inner.code === 'txSuccess' || inner.code === 'txFailed'
      ? InnerTransactionResultResult[inner.code]([...inner.operations])
      : InnerTransactionResultResult[inner.code]();
  const pair = new InnerTransactionResultPair({
    transactionHash: innerHash,
    result: new InnerTransactionResult({ feeCharged: 0n, result, ext: InnerTransactionResultExt.v0() }),
  });
  return new TransactionResult({
    feeCharged,
    result:
      inner.code === 'txSuccess'
        ? TransactionResultResult.txFeeBumpInnerSuccess(pair)
        : TransactionResultResult.txFeeBumpInnerFailed(pair),
    ext: TransactionResultExt.v0(),
  });
}

export function succeeded({ result }: TransactionResult): boolean {
  return result.type === 'txSuccess' || result.type === 'txFeeBumpInnerSuccess';
}
