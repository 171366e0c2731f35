import type { xdr } from '@stellar/stellar-sdk/base';

/** What a TransactionResult says; codes are XDR's own, for example `TX_BAD_SEQ` and `PAYMENT_NO_DESTINATION`. */
export type ResultReading =
  | { readonly kind: 'success' }
  /** Operations failed; every one of them is named. */
  | { readonly kind: 'failed'; readonly code: string; readonly faults: readonly OperationFault[] }
  /** The transaction as a whole was not valid. */
  | { readonly kind: 'invalid'; readonly code: string };

export interface OperationFault {
  /** Of the operation in the transaction. */
  readonly index: number;
  readonly code: string;
  readonly blame: Blame;
}

/**
 * - `payout`: this payout cannot be paid as it is
 * - `treasury`: the payer's account stands in the way; no payout is at fault
 * - `passing`: the ledger changed since the plan was made; the next plan will fit
 * - `setup`: no payout operation of ours should ever fail so
 */
export type Blame = 'payout' | 'treasury' | 'passing' | 'setup';

const BLAME: Readonly<Record<string, Blame>> = {
  PAYMENT_MALFORMED: 'payout',
  PAYMENT_NO_DESTINATION: 'payout',
  PAYMENT_NO_TRUST: 'payout',
  PAYMENT_NOT_AUTHORIZED: 'payout',
  PAYMENT_LINE_FULL: 'payout',
  PAYMENT_NO_ISSUER: 'payout',
  PAYMENT_UNDERFUNDED: 'treasury',
  PAYMENT_SRC_NO_TRUST: 'treasury',
  PAYMENT_SRC_NOT_AUTHORIZED: 'treasury',
  CREATE_ACCOUNT_MALFORMED: 'payout',
  CREATE_ACCOUNT_LOW_RESERVE: 'payout',
  CREATE_ACCOUNT_UNDERFUNDED: 'treasury',
  // Somebody else has created it: a payment will do.
  CREATE_ACCOUNT_ALREADY_EXIST: 'passing',
};

/** Who is to blame for an operation's code. */
export function blameFor(code: string): Blame {
  return BLAME[code] ?? 'setup';
}

/** Reads a result, also that of a transaction which somebody wrapped in a fee bump: the inner one counts. */
export function readResult({ result }: xdr.TransactionResult): ResultReading {
  switch (result.type) {
    case 'txFeeBumpInnerSuccess':
    case 'txFeeBumpInnerFailed':
      return read(result.innerResultPair.result.result);
    default:
      return read(result);
  }
}

type PlainResult =
  | Exclude<xdr.TransactionResultResult, { type: 'txFeeBumpInnerSuccess' | 'txFeeBumpInnerFailed' }>
  | xdr.InnerTransactionResultResult;

function read(result: PlainResult): ResultReading {
  switch (result.type) {
    case 'txSuccess':
      return { kind: 'success' };
    case 'txFailed':
      return { kind: 'failed', code: 'TX_FAILED', faults: faultsIn(result.results) };
    default:
      return { kind: 'invalid', code: upperSnake(result.type) };
  }
}

function faultsIn(results: readonly xdr.OperationResult[]): OperationFault[] {
  return results.flatMap((operation, index) => {
    const name = operation.type === 'opInner' ? operation.tr.value.type : operation.type;
    if (name.endsWith('Success')) return [];
    const code = upperSnake(name);
    return [{ index, code, blame: blameFor(code) }];
  });
}

function upperSnake(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}
