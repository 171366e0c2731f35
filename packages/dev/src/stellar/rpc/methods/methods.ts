import type { Ledger } from '../../ledger/ledger.ts';
import type { Faults } from '../faults.ts';
import type { Method } from '../json-rpc.ts';
import { getFeeStats } from './get-fee-stats.ts';
import { getHealth, type HealthOptions } from './get-health.ts';
import { getLatestLedger } from './get-latest-ledger.ts';
import { getLedgerEntries } from './get-ledger-entries.ts';
import { getNetwork } from './get-network.ts';
import { getTransaction } from './get-transaction.ts';
import { sendTransaction } from './send-transaction.ts';
import { simulateTransaction } from './simulate-transaction.ts';

export interface MethodContext {
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly friendbotUrl: string;
  readonly health: HealthOptions;
  /** Unix seconds. */
  now(): bigint;
}

/** Methods of Stellar RPC. Answers have the fields and the types that it sends. */
export function rpcMethods({ ledger, faults, friendbotUrl, health, now }: MethodContext): ReadonlyMap<string, Method> {
  return new Map<string, Method>([
    ['getHealth', () => getHealth(ledger, health, now())],
    ['getNetwork', () => getNetwork(ledger, friendbotUrl)],
    ['getLatestLedger', () => getLatestLedger(ledger)],
    ['getLedgerEntries', (params) => getLedgerEntries(ledger, params)],
    ['getFeeStats', () => getFeeStats(ledger)],
    ['sendTransaction', (params) => sendTransaction(ledger, faults, params, now())],
    ['simulateTransaction', (params) => simulateTransaction(ledger, params)],
    ['getTransaction', (params) => getTransaction(ledger, params)],
  ]);
}
