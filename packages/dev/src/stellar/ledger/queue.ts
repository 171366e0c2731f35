import type { TransactionResult } from '@stellar/stellar-sdk/xdr';
import { availableBalance } from './account.ts';
import type { Entries } from './entries.ts';
import { type Frame, inclusionFee } from './envelope.ts';
import type { Validation } from './frame.ts';
import { type PlainCode, transactionResult } from './result.ts';

/** Ledgers that may close without a queued transaction before it is dropped. */
const PENDING_LEDGERS = 4;
/** Ledgers for which the envelope of a dropped, invalid or applied transaction is not taken again. */
const BANNED_LEDGERS = 10;
/** How many times its fee rate a fee bump must offer to replace a queued transaction. */
const REPLACEMENT_FACTOR = 10n;

export type QueueAnswer =
  | { readonly status: 'PENDING' | 'DUPLICATE' | 'TRY_AGAIN_LATER' }
  | { readonly status: 'ERROR'; readonly result: TransactionResult };

interface Waiting {
  readonly frame: Frame;
  readonly age: number;
  /** Number of the first ledger that may include it. */
  readonly notBefore: number;
}

/** What a node keeps until a ledger includes it (stellar-core: TransactionQueue). One transaction a source account. */
export interface TransactionQueue {
  /** Whether the queue would take the envelope now; PENDING means yes. */
  judge(frame: Frame, validate: () => Validation, entries: Entries, baseReserve: bigint): QueueAnswer;
  /** Takes an envelope that was judged PENDING, in place of one from the same source. */
  put(frame: Frame, notBefore: number): void;
  /** What the ledger with this number may include. */
  ready(ledgerSequence: number): Frame[];
  ban(frames: readonly Frame[]): void;
  /** After a ledger has closed: forgets what it made obsolete, ages the rest, and bans what is no longer valid. */
  settle(applied: readonly Frame[], isValid: (frame: Frame) => boolean): void;
}

export function createQueue(): TransactionQueue {
  const waiting = new Map<string, Waiting>();
  const banned = Array.from({ length: BANNED_LEDGERS }, () => new Set<string>());

  const ban = (frames: readonly Frame[]) => {
    for (const frame of frames) {
      banned[0]?.add(frame.fullHash);
      if (waiting.get(frame.source)?.frame.fullHash === frame.fullHash) waiting.delete(frame.source);
    }
  };

  return {
    ban,
    judge: (frame, validate, entries, baseReserve) => {
      if (banned.some((hashes) => hashes.has(frame.fullHash))) return { status: 'TRY_AGAIN_LATER' };
      if (frame.fee < 0n) return refusal('txMalformed');
      const current = waiting.get(frame.source)?.frame;
      const clash = current && clashWith(current, frame);
      if (clash) return clash;
      const { valid, result } = validate();
      if (!valid) return { status: 'ERROR', result };
      const others = [...waiting.values()].map((entry) => entry.frame).filter((other) => other !== current);
      return canPay(frame, others, entries, baseReserve)
        ? { status: 'PENDING' }
        : refusal('txInsufficientBalance', result.feeCharged);
    },
    put: (frame, notBefore) => {
      waiting.set(frame.source, { frame, age: waiting.get(frame.source)?.age ?? 0, notBefore });
    },
    ready: (ledgerSequence) =>
      [...waiting.values()].filter(({ notBefore }) => notBefore <= ledgerSequence).map(({ frame }) => frame),
    settle: (applied, isValid) => {
      for (const { source, sequence, fullHash } of applied) {
        const current = waiting.get(source);
        if (current && current.frame.sequence <= sequence) waiting.delete(source);
        banned[0]?.add(fullHash);
      }
      banned.pop();
      banned.unshift(new Set());
      for (const [source, entry] of waiting) waiting.set(source, { ...entry, age: entry.age + 1 });
      ban([...waiting.values()].filter(({ age }) => age === PENDING_LEDGERS).map(({ frame }) => frame));
      ban([...waiting.values()].map(({ frame }) => frame).filter((frame) => !isValid(frame)));
    },
  };
}

function refusal(code: PlainCode, feeCharged = 0n): QueueAnswer {
  return { status: 'ERROR', result: transactionResult(feeCharged, { code }) };
}

/** What the transaction already queued for the same source makes of a new one; undefined when that replaces it. */
function clashWith(current: Frame, frame: Frame): QueueAnswer | undefined {
  const same = frame.kind === 'transaction' && current.kind === 'feeBump' ? current.inner : current;
  if (same.fullHash === frame.fullHash) return { status: 'DUPLICATE' };
  if (frame.sequence < current.sequence) return refusal('txBadSeq');
  if (frame.kind === 'transaction' || frame.sequence !== current.sequence) return { status: 'TRY_AGAIN_LATER' };
  const asked = REPLACEMENT_FACTOR * inclusionFee(current) * frame.feeOperations;
  if (inclusionFee(frame) * current.feeOperations >= asked) return undefined;
  return refusal('txInsufficientFee', (asked + current.feeOperations - 1n) / current.feeOperations);
}

/** Whether the fee source can pay for this beside all else that is queued at its cost. */
function canPay({ feeSource, fee }: Frame, others: readonly Frame[], entries: Entries, baseReserve: bigint): boolean {
  const account = entries.account(feeSource);
  if (!account) return false;
  const owed = others.reduce((sum, other) => (other.feeSource === feeSource ? sum + other.fee : sum), fee);
  return availableBalance(account, baseReserve) >= owed;
}
