import type { TransactionMeta, TransactionResult } from '@stellar/stellar-sdk/xdr';
import type { SorobanEffects } from '../soroban/apply.ts';
import type { Frame } from './envelope.ts';

/** A transaction that a ledger includes, successful or not. */
export interface IncludedTransaction {
  readonly frame: Frame;
  readonly result: TransactionResult;
  readonly meta: TransactionMeta;
  /** What it was charged beside a call's resources, stroops. */
  readonly inclusionFee: bigint;
  /** Of a contract call that came to run. */
  readonly effects?: SorobanEffects | undefined;
  readonly ledger: number;
  readonly closeTime: bigint;
  /** Its place among the ledger's transactions, from 1. */
  readonly applicationOrder: number;
}

/** The ledgers of the retention window. */
export interface History {
  record(
    ledger: { readonly sequence: number; readonly closeTime: bigint },
    included: readonly IncludedTransaction[],
  ): void;
  /** By hash (hex): a fee bump is found by its own and by its inner transaction's. */
  transaction(hash: string): IncludedTransaction | undefined;
  oldest(): { readonly sequence: number; readonly closeTime: bigint };
}

/** Keeps that many ledgers, the latest included. */
export function createHistory(retentionLedgers: number, genesis: { sequence: number; closeTime: bigint }): History {
  const ledgers: { sequence: number; closeTime: bigint; hashes: string[] }[] = [{ ...genesis, hashes: [] }];
  const byHash = new Map<string, IncludedTransaction>();
  return {
    record: ({ sequence, closeTime }, included) => {
      for (const transaction of included) {
        for (const hash of hashesOf(transaction.frame)) byHash.set(hash, transaction);
      }
      ledgers.push({ sequence, closeTime, hashes: included.flatMap(({ frame }) => hashesOf(frame)) });
      while (ledgers.length > retentionLedgers) {
        for (const hash of ledgers.shift()?.hashes ?? []) {
          if ((byHash.get(hash)?.ledger ?? 0) <= sequence - retentionLedgers) byHash.delete(hash);
        }
      }
    },
    transaction: (hash) => byHash.get(hash),
    oldest: () => ledgers[0] ?? genesis,
  };
}

function hashesOf(frame: Frame): string[] {
  return frame.kind === 'feeBump' ? [frame.id, frame.inner.id] : [frame.id];
}
