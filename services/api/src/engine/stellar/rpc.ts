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
  /** The same of transactions that call contracts, stroops each. */
  sorobanInclusionFee(): Promise<bigint>;
  /**
   * Runs a contract call on the newest ledger, and submits nothing. Authorization entries in the envelope are checked as the
   * ledger would; without any, the answer tells which ones the call asks for.
   */
  simulate(envelope: Uint8Array): Promise<Simulation>;
  send(signed: Uint8Array): Promise<SendAnswer>;
  /** @param hash of the inner transaction, hex */
  find(hash: string): Promise<Found>;
}

export interface LedgerEntries {
  readonly ledger: bigint;
  readonly entries: readonly xdr.LedgerEntryData[];
}

/** `ledger` is the one that it ran on. */
export type Simulation = { readonly ledger: bigint } & (
  | {
      readonly kind: 'passed';
      readonly data: xdr.SorobanTransactionData;
      /** Stroops. */
      readonly minResourceFee: bigint;
      /** Those that the call asks for, or that it was given. */
      readonly authorizations: readonly xdr.SorobanAuthorizationEntry[];
    }
  /** It would run once entries are restored that the network has archived. */
  | { readonly kind: 'archived' }
  /** `error` is the host's text, many lines. */
  | { readonly kind: 'failed'; readonly error: string }
);

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
const feeStatsSchema = z.object({
  inclusionFee: z.object({ p90: integer }),
  sorobanInclusionFee: z.object({ p90: integer }),
});
const simulationSchema = z.union([
  z.object({ latestLedger: integer, error: z.string().min(1) }),
  z.object({
    latestLedger: integer,
    error: z.undefined().optional(),
    transactionData: base64,
    minResourceFee: integer,
    results: z.tuple([z.object({ auth: z.array(base64).nullish() })]),
    restorePreamble: z.unknown().optional(),
  }),
]);
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
    sorobanInclusionFee: async () =>
      read('getFeeStats', feeStatsSchema, await call('getFeeStats', undefined)).sorobanInclusionFee.p90,
    simulate: async (envelope) => {
      const transaction = Buffer.from(envelope).toString('base64');
      const answer = read('simulateTransaction', simulationSchema, await call('simulateTransaction', { transaction }));
      const ledger = answer.latestLedger;
      if (answer.error !== undefined) return { kind: 'failed', ledger, error: answer.error };
      const { transactionData, minResourceFee, results, restorePreamble } = answer;
      const data = decode('simulateTransaction', () => xdr.SorobanTransactionData.fromXdr(transactionData, 'base64'));
      // Protocol 23 lists archived entries in the data, where the ledger restores them; before, a transaction of its own did.
      if (restorePreamble != null || data.ext.type !== 'v0') return { kind: 'archived', ledger };
      const authorizations = (results[0].auth ?? []).map((entry) =>
        decode('simulateTransaction', () => xdr.SorobanAuthorizationEntry.fromXdr(entry, 'base64')),
      );
      return { kind: 'passed', ledger, data, minResourceFee, authorizations };
    },
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
