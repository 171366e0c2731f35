import {
  GeneralizedTransactionSet,
  ParallelTxsComponent,
  TransactionPhase,
  TransactionSetV1,
  TxSetComponent,
  TxSetComponentTxsMaybeDiscountedFee,
} from '@stellar/stellar-sdk/xdr';
import { availableBalance } from './account.ts';
import type { Accounts } from './accounts.ts';
import type { LedgerContext } from './context.ts';
import type { Frame } from './envelope.ts';
import { sha256 } from './network.ts';

/** The transactions of one ledger. */
export interface TransactionSet {
  /** In the order in which they are applied. */
  readonly frames: readonly Frame[];
  /** What each operation costs: the ledger's base fee, or under surge pricing the lowest rate that got in. */
  readonly baseFee: bigint;
  readonly xdr: GeneralizedTransactionSet;
  readonly hash: Uint8Array;
}

/** Chooses by fee rate while operations fit into the ledger; whatever does not fit waits for the next one. */
export function chooseTransactions(
  candidates: readonly Frame[],
  previousLedgerHash: Uint8Array,
  ledger: LedgerContext,
): TransactionSet {
  const chosen: Frame[] = [];
  let room = BigInt(ledger.maxOperationsPerLedger);
  for (const frame of [...candidates].sort(byFeeRate)) {
    if (frame.feeOperations > room) continue;
    chosen.push(frame);
    room -= frame.feeOperations;
  }
  const surge = chosen.length < candidates.length;
  const last = chosen.at(-1);
  const baseFee = surge && last ? last.fee / last.feeOperations : ledger.baseFee;
  const xdr = transactionSet(chosen.sort(byFullHash), baseFee, previousLedgerHash);
  const hash = sha256(xdr.toXdr());
  return { frames: inApplyOrder(chosen, hash), baseFee, xdr, hash };
}

/** Leaves out every transaction of a fee source that cannot pay for all of its transactions. */
export function payable(frames: readonly Frame[], accounts: Accounts, { baseReserve }: LedgerContext): Frame[] {
  const owed = new Map<string, bigint>();
  for (const { feeSource, fee } of frames) owed.set(feeSource, (owed.get(feeSource) ?? 0n) + fee);
  return frames.filter(({ feeSource }) => {
    const account = accounts.get(feeSource);
    return account !== undefined && availableBalance(account, baseReserve) >= (owed.get(feeSource) ?? 0n);
  });
}

/** Highest first; equal rates by hash, where stellar-core draws lots. */
function byFeeRate(a: Frame, b: Frame): number {
  const difference = b.fee * a.feeOperations - a.fee * b.feeOperations;
  if (difference === 0n) return byFullHash(a, b);
  return difference > 0n ? 1 : -1;
}

function byFullHash(a: Frame, b: Frame): number {
  return a.fullHash < b.fullHash ? -1 : 1;
}

/** stellar-core's order: by the envelope's hash, mixed with the set's hash so that nobody can choose a place. */
function inApplyOrder(frames: readonly Frame[], setHash: Uint8Array): Frame[] {
  const mixed = new Map(frames.map((frame) => [frame, xor(Buffer.from(frame.fullHash, 'hex'), setHash)]));
  const key = (frame: Frame) => mixed.get(frame) ?? setHash;
  return [...frames].sort((a, b) => Buffer.compare(key(a), key(b)));
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, index) => byte ^ (b[index] ?? 0));
}

function transactionSet(frames: readonly Frame[], baseFee: bigint, previousLedgerHash: Uint8Array) {
  const component = new TxSetComponentTxsMaybeDiscountedFee({ baseFee, txs: frames.map(({ envelope }) => envelope) });
  const components = frames.length === 0 ? [] : [TxSetComponent.txsetCompTxsMaybeDiscountedFee(component)];
  const noContracts = new ParallelTxsComponent({ baseFee: null, executionStages: [] });
  return GeneralizedTransactionSet.v1TxSet(
    new TransactionSetV1({
      previousLedgerHash,
      phases: [TransactionPhase.v0Components(components), TransactionPhase.parallelTxsComponent(noContracts)],
    }),
  );
}
