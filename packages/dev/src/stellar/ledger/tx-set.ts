import {
  GeneralizedTransactionSet,
  ParallelTxsComponent,
  TransactionPhase,
  TransactionSetV1,
  TxSetComponent,
  TxSetComponentTxsMaybeDiscountedFee,
} from '@stellar/stellar-sdk/xdr';
import { LIMITS } from '../soroban/settings.ts';
import { availableBalance } from './account.ts';
import type { LedgerContext } from './context.ts';
import type { Entries } from './entries.ts';
import { type Frame, inclusionFee } from './envelope.ts';
import { sha256 } from './network.ts';

/** Transactions that compete with each other alone. */
export interface Phase {
  /** In the order in which they are applied. */
  readonly frames: readonly Frame[];
  /** What each operation costs: the ledger's base fee, or under surge pricing the lowest rate that got in. */
  readonly baseFee: bigint;
}

/** The transactions of one ledger. */
export interface TransactionSet {
  /** The classic transactions, then the contract calls; applied in this order. */
  readonly phases: readonly Phase[];
  readonly xdr: GeneralizedTransactionSet;
  readonly hash: Uint8Array;
}

/** Whatever does not fit into its phase waits for the next ledger. */
export function chooseTransactions(
  candidates: readonly Frame[],
  previousLedgerHash: Uint8Array,
  ledger: LedgerContext,
): TransactionSet {
  const calls = candidates.filter(isContractCall);
  const classic = choose(
    candidates.filter((frame) => !calls.includes(frame)),
    BigInt(ledger.maxOperationsPerLedger),
    ledger.baseFee,
  );
  const soroban = choose(calls, LIMITS.transactionsPerLedger, ledger.baseFee);
  const xdr = transactionSet(classic, soroban, previousLedgerHash);
  const hash = sha256(xdr.toXdr());
  const phases = [classic, soroban].map(({ frames, baseFee }) => ({ frames: inApplyOrder(frames, hash), baseFee }));
  return { phases, xdr, hash };
}

function isContractCall(frame: Frame): boolean {
  const { content } = frame.kind === 'feeBump' ? frame.inner : frame;
  return !content.refusal && content.soroban !== undefined;
}

/** By fee rate, while there is room (a fee bump takes that of one more operation); in the order of the hashes. */
function choose(candidates: readonly Frame[], places: bigint, baseFee: bigint): Phase {
  const chosen: Frame[] = [];
  let room = places;
  for (const frame of [...candidates].sort(byFeeRate)) {
    if (frame.feeOperations > room) continue;
    chosen.push(frame);
    room -= frame.feeOperations;
  }
  const surge = chosen.length < candidates.length;
  const last = chosen.at(-1);
  const lowest = surge && last ? inclusionFee(last) / last.feeOperations : baseFee;
  return { frames: chosen.sort(byFullHash), baseFee: lowest };
}

/** Leaves out every transaction of a fee source that cannot pay for all of its transactions. */
export function payable(frames: readonly Frame[], entries: Entries, { baseReserve }: LedgerContext): Frame[] {
  const owed = new Map<string, bigint>();
  for (const { feeSource, fee } of frames) owed.set(feeSource, (owed.get(feeSource) ?? 0n) + fee);
  return frames.filter(({ feeSource }) => {
    const account = entries.account(feeSource);
    return account !== undefined && availableBalance(account, baseReserve) >= (owed.get(feeSource) ?? 0n);
  });
}

/** Highest first; equal rates by hash, where stellar-core draws lots. */
function byFeeRate(a: Frame, b: Frame): number {
  const difference = inclusionFee(b) * a.feeOperations - inclusionFee(a) * b.feeOperations;
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

function transactionSet(classic: Phase, soroban: Phase, previousLedgerHash: Uint8Array) {
  const envelopes = ({ frames }: Phase) => frames.map(({ envelope }) => envelope);
  const component = new TxSetComponentTxsMaybeDiscountedFee({ baseFee: classic.baseFee, txs: envelopes(classic) });
  const components = classic.frames.length === 0 ? [] : [TxSetComponent.txsetCompTxsMaybeDiscountedFee(component)];
  const anyCall = soroban.frames.length > 0;
  const calls = new ParallelTxsComponent({
    baseFee: anyCall ? soroban.baseFee : null,
    executionStages: anyCall ? [[envelopes(soroban)]] : [],
  });
  return GeneralizedTransactionSet.v1TxSet(
    new TransactionSetV1({
      previousLedgerHash,
      phases: [TransactionPhase.v0Components(components), TransactionPhase.parallelTxsComponent(calls)],
    }),
  );
}
