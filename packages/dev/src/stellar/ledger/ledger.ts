import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import type { Account } from './account.ts';
import type { Address } from './address.ts';
import { closeLedger, genesis, upcoming } from './close.ts';
import type { CloseTimeOffsets, Parameters } from './context.ts';
import { type Entries, type EntryLayer, layer } from './entries.ts';
import type { Entry } from './entry.ts';
import type { EntryName } from './entry-name.ts';
import { type Frame, readEnvelope } from './envelope.ts';
import { createFeeStats, FEE_WINDOWS, type FeeDistribution } from './fee-stats.ts';
import { validateFrame } from './frame.ts';
import { freezableName } from './frozen.ts';
import type { ClosedLedger } from './header.ts';
import { createHistory, type IncludedTransaction } from './history.ts';
import { networkId } from './network.ts';
import { createQueue, type QueueAnswer } from './queue.ts';

export interface LedgerOptions {
  readonly networkPassphrase: string;
  /** Stroops an operation; 100. */
  readonly baseFee?: bigint;
  /** Stroops an entry, and two entries for every account; 5,000,000 (half a lumen). */
  readonly baseReserve?: bigint;
  /** Beyond it surge pricing decides who waits; 1,000. */
  readonly maxOperationsPerLedger?: number;
  /** How many ledgers history looks back over, the latest included; 17,280 (a day of 5 s ledgers). */
  readonly retentionLedgers?: number;
  /** How far apart ledgers are expected; 5. A transaction that expires within two of them is refused as too late. */
  readonly expectedCloseSeconds?: number;
  /** Unix seconds; 0, as in stellar-core. */
  readonly genesisCloseTime?: bigint;
}

/** An answer to a submitted envelope; `hash` is the transaction's, hex, of a fee bump the outer one. */
export type Submission = (QueueAnswer & { readonly hash: string }) | { readonly status: 'MALFORMED' };

export interface Ledger {
  readonly networkPassphrase: string;
  /**
   * Checks an envelope and queues it. `now` in Unix seconds. With `delay` no ledger includes it before that many
   * others have closed (Infinity: none ever does); it is queued all the same.
   */
  submit(envelope: Uint8Array, now: bigint, delay?: number): Submission;
  /** What `submit` would answer, without queueing anything. */
  check(envelope: Uint8Array, now: bigint): Submission;
  /** Closes a ledger of what is queued, at that time (Unix seconds) or one second after the last one if that is later. */
  close(closeTime: bigint): ClosedLedger;
  latest(): ClosedLedger;
  oldest(): { readonly sequence: number; readonly closeTime: bigint };
  account(address: Address): Account | undefined;
  accounts(): Account[];
  /** Whatever is under a ledger key, of any kind. */
  entry(key: LedgerKey): Entry | undefined;
  /** All that the ledger holds, of every kind. */
  entries(): Entry[];
  /** The present entries to try something on: whatever is put is dropped with it; never committed. */
  scratch(): EntryLayer;
  /**
   * From now on every transaction that touches what has this key is txFROZEN_KEY_ACCESSED (CAP-77), those that wait
   * included; `thaw` ends it. Both throw a FreezeError for a key that cannot be frozen.
   */
  freeze(key: LedgerKey): void;
  thaw(key: LedgerKey): void;
  /** What is frozen now. */
  frozenKeys(): readonly LedgerKey[];
  /** Stroops collected as fees so far. */
  feePool(): bigint;
  /** By hash (hex); a fee bump also by the hash of its inner transaction. */
  transaction(hash: string): IncludedTransaction | undefined;
  /** What operations of classic transactions paid; what contract calls paid beside their resources. */
  feeStats(): FeeDistribution;
  sorobanFeeStats(): FeeDistribution;
  /** Changes entries outside of any transaction, as if the last ledger had: no network can. */
  amend(change: (entries: Entries) => void): void;
}

/** A Stellar ledger in memory, with neither clock nor I/O: time comes in with each call. Starts at genesis, ledger 1. */
export function createLedger(options: LedgerOptions): Ledger {
  const { networkPassphrase, genesisCloseTime = 0n, retentionLedgers = 17_280, expectedCloseSeconds = 5 } = options;
  const frozen = new Map<EntryName, LedgerKey>();
  const parameters: Parameters = {
    baseFee: options.baseFee ?? 100n,
    baseReserve: options.baseReserve ?? 5_000_000n,
    maxOperationsPerLedger: options.maxOperationsPerLedger ?? 1_000,
    frozen,
  };
  const network = networkId(networkPassphrase);
  const queue = createQueue();
  const feeStats = createFeeStats(FEE_WINDOWS.classic);
  const sorobanFeeStats = createFeeStats(FEE_WINDOWS.soroban);
  let state = genesis(networkPassphrase, genesisCloseTime, parameters);
  const history = createHistory(retentionLedgers, state.latest);

  /** A node expects the next ledger within two intervals from now. */
  const nextCloseOffsets = (now: bigint): CloseTimeOffsets => {
    const drift = now > state.latest.closeTime ? now - state.latest.closeTime : 0n;
    return { earliest: 0n, latest: 2n * BigInt(expectedCloseSeconds) + drift };
  };
  const validate = (frame: Frame, now: bigint) =>
    validateFrame(frame, state.entries, upcoming(state, parameters), nextCloseOffsets(now));

  const offer = (envelope: Uint8Array, now: bigint, take: boolean, delay: number): Submission => {
    const frame = readEnvelope(envelope, network);
    if (!frame) return { status: 'MALFORMED' };
    const notBefore = state.latest.sequence + 1 + delay;
    const answer = queue.judge(frame, () => validate(frame, now), state.entries, parameters.baseReserve);
    if (take && answer.status === 'PENDING') queue.put(frame, notBefore);
    return { ...answer, hash: frame.id };
  };

  return {
    networkPassphrase,
    submit: (envelope, now, delay = 0) => offer(envelope, now, true, delay),
    check: (envelope, now) => offer(envelope, now, false, 0),
    close: (closeTime) => {
      const earliest = state.latest.closeTime + 1n;
      const candidates = queue.ready(state.latest.sequence + 1);
      const closing = closeLedger(state, candidates, closeTime > earliest ? closeTime : earliest, parameters);
      state = closing.state;
      const { latest } = state;
      queue.ban(closing.invalid);
      queue.settle(
        closing.included.map(({ frame }) => frame),
        (frame) => validate(frame, latest.closeTime).valid,
      );
      history.record(latest, closing.included);
      const calls = closing.included.filter(({ frame }) => frame.resourceFee > 0n);
      feeStats.record(closing.included.filter((each) => !calls.includes(each)).map(feePerOperation));
      sorobanFeeStats.record(calls.map(feePerOperation));
      return latest;
    },
    latest: () => state.latest,
    oldest: history.oldest,
    account: (address) => state.entries.account(address),
    accounts: () => [...state.entries].filter((entry) => entry.kind === 'account'),
    entry: (key) => state.entries.at(key),
    entries: () => [...state.entries],
    scratch: () => layer(state.entries, state.latest.sequence + 1),
    freeze: (key) => void frozen.set(freezableName(key), key),
    thaw: (key) => void frozen.delete(freezableName(key)),
    frozenKeys: () => [...frozen.values()],
    feePool: () => state.feePool,
    transaction: history.transaction,
    feeStats: feeStats.distribution,
    sorobanFeeStats: sorobanFeeStats.distribution,
    amend: (change) => {
      const amended = layer(state.entries, state.latest.sequence);
      change(amended);
      amended.commit();
    },
  };
}

/** As Stellar RPC counts it: a fee bump's fee over its inner transaction's operations. */
function feePerOperation({ frame, inclusionFee }: IncludedTransaction): bigint {
  const inner = frame.kind === 'feeBump' ? frame.inner : frame;
  return inclusionFee / inner.feeOperations;
}
