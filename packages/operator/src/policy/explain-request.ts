import { parseAssetId } from '@countersign/chains/caip';
import { TransactionError } from '@countersign/chains/error';
import { parseYaml } from '@countersign/runtime/yaml';
import { z } from 'zod';
import { UsageError } from '../command.ts';
import { readText } from './read-file.ts';

const MEMO = /^(?:text:.*|id:\d{1,20}|(?:hash|return):[0-9a-f]{64})$/s;

const declaredPayout = z.strictObject({
  payout_id: z.string().min(1),
  destination: z.string(),
  asset: z.string().refine(isAssetId, 'expected a CAIP-19 asset id in its canonical spelling'),
  amount: z.string().regex(/^[1-9]\d{0,77}$/, 'expected a decimal integer in quotes, in the smallest unit'),
  memo: z.string().regex(MEMO, 'expected text:, id: and an integer, or hash: or return: and 64 hex digits').optional(),
  approved_by: z.array(z.string()).default([]),
});

const requestFile = z
  .strictObject({
    network_passphrase: z.string().optional(),
    transaction: z.string().optional(),
    authorization: z.string().optional(),
    payouts: z.array(declaredPayout).min(1).optional(),
  })
  .refine(
    ({ transaction, authorization }) => (transaction === undefined) !== (authorization === undefined),
    'expected `transaction` or `authorization`',
  );

function isAssetId(text: string): boolean {
  try {
    return parseAssetId(text).id === text;
  } catch (error) {
    if (error instanceof TransactionError) return false;
    throw error;
  }
}

/** A payout as a request declares it; `memo` is written as `memoText` does, `approved_by` are names of approvers. */
export type DeclaredPayout = z.output<typeof declaredPayout>;

/** What is asked about. */
export interface Asked {
  readonly networkPassphrase: string | undefined;
  /** The text of an unsigned transaction, or of a Soroban authorization entry. */
  readonly text: string;
  readonly kind: 'transaction' | 'authorization';
  /** None where the transaction's own transfers are taken to be declared. */
  readonly payouts: readonly DeclaredPayout[] | undefined;
  /** Who is taken to have approved those. */
  readonly approvedBy: ReadonlySet<string>;
}

interface Given {
  readonly request?: string;
  readonly tx?: string;
  readonly authorization?: string;
  readonly network?: string;
  readonly 'approved-by'?: string;
}

/** @throws UsageError; ConfigError for what is wrong in the file of the request. */
export function readAsked(given: Given): Asked {
  const ways = [given.request, given.tx, given.authorization].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new UsageError('expected one of --request, --tx and --authorization');
  if (given.request === undefined) {
    return {
      networkPassphrase: given.network,
      text: given.tx ?? given.authorization ?? '',
      kind: given.tx === undefined ? 'authorization' : 'transaction',
      payouts: undefined,
      approvedBy: new Set(given['approved-by']?.split(',')),
    };
  }
  if (given.network !== undefined || given['approved-by'] !== undefined) {
    throw new UsageError('--network and --approved-by: with --request they stand in its file');
  }
  const file = parseYaml(readText(given.request), requestFile, given.request);
  return {
    networkPassphrase: file.network_passphrase,
    text: file.transaction ?? file.authorization ?? '',
    kind: file.transaction === undefined ? 'authorization' : 'transaction',
    payouts: file.payouts,
    approvedBy: new Set(),
  };
}
