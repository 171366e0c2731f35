import type { ProposedPayout } from '@countersign/policy/decide';
import { readText } from '@countersign/runtime/text-file';
import { parseYaml } from '@countersign/runtime/yaml';
import { z } from 'zod';
import { UsageError } from '../command.ts';
import { declaredPayouts } from './declared-payouts.ts';

const requestFile = z
  .strictObject({
    network_passphrase: z.string().optional(),
    transaction: z.string().optional(),
    authorization: z.string().optional(),
    payouts: declaredPayouts.optional(),
  })
  .refine(
    ({ transaction, authorization }) => (transaction === undefined) !== (authorization === undefined),
    'expected `transaction` or `authorization`',
  );

/** What is asked about. */
export interface Asked {
  readonly networkPassphrase: string | undefined;
  /** The text of an unsigned transaction, or of a Soroban authorization entry. */
  readonly text: string;
  readonly kind: 'transaction' | 'authorization';
  /** None where the transaction's own transfers are taken to be declared. */
  readonly payouts: readonly ProposedPayout[] | undefined;
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
