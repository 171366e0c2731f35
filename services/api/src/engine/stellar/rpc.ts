import { xdr } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import { type RpcCall, RpcError } from '../json-rpc.ts';

/**
 * The methods of Stellar RPC that payouts need; times are Unix seconds.
 * https://developers.stellar.org/docs/data/apis/rpc/api-reference/methods
 */
export interface StellarRpc {
  /** Entries of the newest ledger; a key that is not on it has no entry. At most 200 keys. */
  entries(keys: readonly xdr.LedgerKey[]): Promise<LedgerEntries>;
  /** What inclusion lately cost, in stroops an operation: nine in ten transactions paid no more. */
  inclusionFee(): Promise<bigint>;
  send(signed: Uint8Array): Promise<SendAnswer>;
  /** @param hash of the inner transaction, hex */
  find(hash: string): Promise<Found>;
}

export interface LedgerEntries {
  readonly ledger: bigint;
  readonly entries: readonly xdr.LedgerEntryData[];
}

export type SendAnswer =
  | { readonly status: 'PENDING' | 'DUPLICATE' | 'TRY_AGAIN_LATER' }
  | { readonly status: 'ERROR'; readonly result: xdr.TransactionResult | undefined };

/** What the node knows of a transaction, and the stretch of ledgers that it knows at all. */
export type Found = History &
  (
    | { readonly status: 'NOT_FOUND' }
    | { readonly status: 'SUCCESS' | 'FAILED'; readonly includedIn: bigint; readonly result: xdr.TransactionResult }
  );

export interface History {
  readonly latestLedger: bigint;
  readonly latestCloseTime: bigint;
  readonly oldestLedger: bigint;
}

const integer = z.union([z.int().nonnegative(), z.string().regex(/^[0-9]{1,19}$/)]).transform(BigInt);
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);

const entriesSchema = z.object({
  latestLedger: integer,
  entries: z
    .array(z.object({ xdr: base64 }))
    .nullish()
    .transform((entries) => entries ?? []),
});
const feeStatsSchema = z.object({ inclusionFee: z.object({ p90: integer }) });
const sendSchema = z.object({
  status: z.enum(['PENDING', 'DUPLICATE', 'TRY_AGAIN_LATER', 'ERROR']),
  errorResultXdr: base64.optional(),
});
const historySchema = z.object({ latestLedger: integer, latestLedgerCloseTime: integer, oldestLedger: integer });
const foundSchema = z.discriminatedUnion('status', [
  historySchema.extend({ status: z.literal('NOT_FOUND') }),
  historySchema.extend({ status: z.enum(['SUCCESS', 'FAILED']), ledger: integer, resultXdr: base64 }),
]);

export function createStellarRpc(call: RpcCall): StellarRpc {
  return {
    entries: async (keys) => {
      const answer = read(
        'getLedgerEntries',
        entriesSchema,
        await call('getLedgerEntries', { keys: keys.map((key) => key.toXdr('base64')) }),
      );
      const entries = answer.entries.map((entry) =>
        decode('getLedgerEntries', () => xdr.LedgerEntryData.fromXdr(entry.xdr, 'base64')),
      );
      return { ledger: answer.latestLedger, entries };
    },
    inclusionFee: async () =>
      read('getFeeStats', feeStatsSchema, await call('getFeeStats', undefined)).inclusionFee.p90,
    send: async (signed) => {
      const transaction = Buffer.from(signed).toString('base64');
      const { status, errorResultXdr } = read(
        'sendTransaction',
        sendSchema,
        await call('sendTransaction', { transaction }),
      );
      if (status !== 'ERROR') return { status };
      return { status, result: errorResultXdr === undefined ? undefined : result('sendTransaction', errorResultXdr) };
    },
    find: async (hash) => {
      const answer = read('getTransaction', foundSchema, await call('getTransaction', { hash }));
      const history = {
        latestLedger: answer.latestLedger,
        latestCloseTime: answer.latestLedgerCloseTime,
        oldestLedger: answer.oldestLedger,
      };
      if (answer.status === 'NOT_FOUND') return { ...history, status: answer.status };
      const { status, ledger, resultXdr } = answer;
      return { ...history, status, includedIn: ledger, result: result('getTransaction', resultXdr) };
    },
  };
}

function result(method: string, text: string): xdr.TransactionResult {
  return decode(method, () => xdr.TransactionResult.fromXdr(text, 'base64'));
}

function read<Schema extends z.ZodType>(method: string, schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new RpcError('unreachable', `${method}: an answer of another shape`, { cause: parsed.error });
}

function decode<Value>(method: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (cause) {
    throw new RpcError('unreachable', `${method}: an answer that is not the XDR expected`, { cause });
  }
}
