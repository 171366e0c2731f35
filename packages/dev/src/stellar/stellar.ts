/** A small honest Stellar ledger and its RPC face; README.md beside this file tells what it models and what not. */
export type { Account } from './ledger/account.ts';
export type { ClosedLedger } from './ledger/header.ts';
export type { IncludedTransaction } from './ledger/history.ts';
export type { Ledger, LedgerOptions, Submission } from './ledger/ledger.ts';
export { rootKeypair } from './ledger/network.ts';
export type { Fault, FaultRule, Faults } from './rpc/faults.ts';
export type { FundedAccount, Funding } from './rpc/friendbot.ts';
export { type StellarRpc, type StellarRpcOptions, startStellarRpc } from './rpc/server.ts';
