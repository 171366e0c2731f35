import {
  ExtensionPoint,
  type LedgerEntryChange,
  TransactionResultMetaV1,
  TransactionResultPair,
  TransactionResultSet,
} from '@stellar/stellar-sdk/xdr';
import { newAccount } from './account.ts';
import type { LedgerContext, Parameters } from './context.ts';
import { createEntries, type Entries, type EntryLayer, layer } from './entries.ts';
import type { Entry } from './entry.ts';
import type { Frame } from './envelope.ts';
import { applyFrame, chargeFee, refundFee, validateFrame } from './frame.ts';
import { type ClosedLedger, closedLedger } from './header.ts';
import type { IncludedTransaction } from './history.ts';
import { transactionMeta } from './meta.ts';
import { rootKeypair, sha256, TOTAL_COINS } from './network.ts';
import { chooseTransactions, type Phase, payable } from './tx-set.ts';

/** Everything that a closed ledger leaves for the next one. */
export interface LedgerState {
  readonly entries: Entries & Iterable<Entry>;
  readonly latest: ClosedLedger;
  /** Stroops collected as fees. */
  readonly feePool: bigint;
  /** Stands in for the bucket list's hash: a running hash over the entries that each ledger changed. */
  readonly stateHash: Uint8Array;
}

/** Ledger 1: everything in the root account. */
export function genesis(networkPassphrase: string, closeTime: bigint, parameters: Parameters): LedgerState {
  const entries = createEntries();
  const root = layer(entries, 1);
  root.put(newAccount(rootKeypair(networkPassphrase).publicKey(), TOTAL_COINS, 0n));
  const stateHash = hashState(new Uint8Array(32), root.changes());
  root.commit();
  const previousHash = new Uint8Array(32);
  const empty = chooseTransactions([], previousHash, { ...parameters, sequence: 1, closeTime });
  const latest = closedLedger(
    {
      sequence: 1,
      closeTime,
      previousHash,
      transactionSet: empty,
      resultsHash: hashResults([]),
      stateHash,
      feePool: 0n,
      processing: [],
    },
    parameters,
  );
  return { entries, latest, feePool: 0n, stateHash };
}

/** How a node sees the ledger to come: its number, but the time of the last one. */
export function upcoming({ latest }: LedgerState, parameters: Parameters): LedgerContext {
  return { ...parameters, sequence: latest.sequence + 1, closeTime: latest.closeTime };
}

export interface Closing {
  readonly state: LedgerState;
  /** In the order in which they were applied. */
  readonly included: readonly IncludedTransaction[];
  /** Candidates that are not valid at this close time. */
  readonly invalid: readonly Frame[];
}

/** Closes the next ledger. All fees are charged first, then transactions are applied one after the other. */
export function closeLedger(
  state: LedgerState,
  candidates: readonly Frame[],
  closeTime: bigint,
  parameters: Parameters,
): Closing {
  const { entries, latest } = state;
  const before = upcoming(state, parameters);
  const wait = closeTime - latest.closeTime;
  const offsets = { earliest: wait, latest: wait };
  const wellFormed = candidates.filter((frame) => validateFrame(frame, entries, before, offsets).valid);
  const valid = payable(wellFormed, entries, before);
  const set = chooseTransactions(valid, latest.hash, before);

  const ledger: LedgerContext = { ...before, closeTime };
  const changed = layer(entries, ledger.sequence);
  const processed = processTransactions(set.phases, changed, ledger);
  const feePool = processed.reduce((sum, { result }) => sum + result.feeCharged, state.feePool);
  const stateHash = hashState(state.stateHash, changed.changes());
  changed.commit();

  const content = {
    sequence: ledger.sequence,
    closeTime,
    previousHash: latest.hash,
    transactionSet: set,
    resultsHash: hashResults(processed.map(({ processing }) => processing.result)),
    stateHash,
    feePool,
    processing: processed.map(({ processing }) => processing),
  };
  const kept = new Set(valid);
  return {
    state: { entries, latest: closedLedger(content, parameters), feePool, stateHash },
    included: processed,
    invalid: candidates.filter((frame) => !kept.has(frame)),
  };
}

interface Processed extends IncludedTransaction {
  readonly processing: TransactionResultMetaV1;
}

function processTransactions(phases: readonly Phase[], entries: EntryLayer, ledger: LedgerContext): Processed[] {
  const charged = phases.flatMap(({ frames, baseFee }) =>
    frames.map((frame) => ({ frame, ...chargeFee(frame, entries, ledger.sequence, baseFee) })),
  );
  const applied = charged.map(({ frame, feeCharged, changes }) => {
    return { frame, feeCharged, changes, ...applyFrame(frame, entries, ledger, feeCharged) };
  });
  return applied.map(({ frame, feeCharged, changes, refund, ...done }, index) => {
    const refunded = refund > 0n ? refundFee(frame, refund, entries, ledger.sequence) : [];
    const meta = transactionMeta(frame, done);
    return {
      frame,
      result: done.result,
      inclusionFee: feeCharged - frame.resourceFee,
      effects: done.effects,
      meta,
      ledger: ledger.sequence,
      closeTime: ledger.closeTime,
      applicationOrder: index + 1,
      processing: new TransactionResultMetaV1({
        ext: ExtensionPoint.v0(),
        result: new TransactionResultPair({ transactionHash: frame.hash, result: done.result }),
        feeProcessing: changes,
        txApplyProcessing: meta,
        postTxApplyFeeProcessing: refunded,
      }),
    };
  });
}

function hashState(previous: Uint8Array, changes: readonly LedgerEntryChange[]): Uint8Array {
  return sha256(previous, ...changes.map((change) => change.toXdr()));
}

function hashResults(results: TransactionResultPair[]): Uint8Array {
  return sha256(new TransactionResultSet({ results }).toXdr());
}
