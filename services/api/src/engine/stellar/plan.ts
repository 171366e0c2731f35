import { StrKey } from '@stellar/stellar-sdk/base';
import type { PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import { baseAccount, LEAST_NEW_BALANCE } from './account.ts';

/** What is known of the ledger before a batch is planned. Amounts in stroops. */
export interface Surroundings {
  /** The destination accounts that exist. */
  readonly existing: ReadonlySet<string>;
  /** Those that want a memo (SEP-29). */
  readonly memoRequired: ReadonlySet<string>;
  /** Accounts that another transaction in flight creates. */
  readonly beingCreated: ReadonlySet<string>;
  /** Accounts that another waiting payout is large enough to create. */
  readonly awaited: ReadonlySet<string>;
  /** What the treasury can pay. */
  readonly available: bigint;
}

/** A payout as an operation of the transaction. */
export interface Payment {
  readonly payout: Payout;
  readonly createAccount: boolean;
}

export interface Plan {
  /** In the order of the operations: an account is created before it is paid again. */
  readonly payments: readonly Payment[];
  /** Those that cannot be paid as they are; nothing of them was signed on this plan. */
  readonly failed: readonly Judged[];
  /** Those that have to wait. */
  readonly waiting: readonly Judged[];
}

export interface Judged {
  readonly payout: Payout;
  readonly reason: PayoutReason;
}

/** Plans one transaction for payouts of one memo, in their order. Several payouts to a new account share one creation. */
export function planBatch(payouts: readonly Payout[], surroundings: Surroundings): Plan {
  const judged = payouts.map((payout) => ({ payout, judgement: judge(payout, surroundings) }));
  const creators = creatorsAmong(
    judged.filter(({ judgement }) => judgement.kind === 'new').map(({ payout }) => payout),
  );
  const failed: Judged[] = [];
  const waiting: Judged[] = [];
  const payments: Payment[] = [];
  const planned = new Set<string>();
  let available = surroundings.available;

  const add = (payout: Payout, createAccount: boolean): boolean => {
    if (payout.amount > available) {
      waiting.push({ payout, reason: UNDERFUNDED });
      return false;
    }
    available -= payout.amount;
    payments.push({ payout, createAccount });
    planned.add(payout.id);
    return true;
  };

  for (const { payout, judgement } of judged) {
    if (planned.has(payout.id)) continue;
    switch (judgement.kind) {
      case 'failed':
        failed.push({ payout, reason: judgement.reason });
        break;
      case 'waiting':
        waiting.push({ payout, reason: judgement.reason });
        break;
      case 'known':
        add(payout, false);
        break;
      case 'new': {
        const account = baseAccount(payout.destination);
        const creator = creators.get(account);
        if (creator === undefined) {
          if (surroundings.awaited.has(account)) waiting.push({ payout, reason: BEING_CREATED });
          else failed.push({ payout, reason: judgement.reason });
        } else if (!planned.has(creator.id) && !add(creator, true)) {
          if (creator !== payout) waiting.push({ payout, reason: BEING_CREATED });
        } else if (creator !== payout) add(payout, false);
        break;
      }
      default:
        judgement satisfies never;
    }
  }
  return { payments, failed, waiting: distinct(waiting) };
}

const UNDERFUNDED: PayoutReason = { code: 'TREASURY_UNDERFUNDED', detail: 'the treasury cannot pay it now' };
/** Also the mark by which a waiting payout takes turns with the others. */
export const BEING_CREATED: PayoutReason = {
  code: 'DESTINATION_BEING_CREATED',
  detail: 'another payout creates the account',
};
const TOO_SMALL_TO_CREATE: PayoutReason = {
  code: 'DESTINATION_UNFUNDED',
  detail: 'the account does not exist, and the amount is below the reserve that creates it',
};
const MUXED_CREATES_NOTHING: PayoutReason = {
  code: 'DESTINATION_UNFUNDED',
  detail: 'the account does not exist, and a payment to an M… address cannot create it',
};

type Judgement =
  | { readonly kind: 'known' }
  /** The account is not there; `reason` is for the case that nothing creates it. */
  | { readonly kind: 'new' | 'failed' | 'waiting'; readonly reason: PayoutReason };

function judge({ destination, memo }: Payout, surroundings: Surroundings): Judgement {
  const muxed = StrKey.isValidMed25519PublicKey(destination);
  if (!muxed && !StrKey.isValidEd25519PublicKey(destination)) {
    return failed('DESTINATION_NOT_SUPPORTED', 'the destination is not a Stellar account');
  }
  const account = baseAccount(destination);
  if (surroundings.existing.has(account)) {
    const wantsMemo = !muxed && memo === undefined && surroundings.memoRequired.has(account);
    return wantsMemo ? failed('MEMO_REQUIRED', 'the destination asks for a memo (SEP-29)') : { kind: 'known' };
  }
  if (surroundings.beingCreated.has(account)) {
    return { kind: 'waiting', reason: BEING_CREATED };
  }
  return { kind: 'new', reason: muxed ? MUXED_CREATES_NOTHING : TOO_SMALL_TO_CREATE };
}

function failed(code: string, detail: string): Judgement {
  return { kind: 'failed', reason: { code, detail } };
}

/** For each new account, the first payout that is large enough to create it. */
function creatorsAmong(payouts: readonly Payout[]): ReadonlyMap<string, Payout> {
  const creators = new Map<string, Payout>();
  for (const payout of payouts) {
    const { amount, destination } = payout;
    const plain = baseAccount(destination) === destination;
    if (plain && amount >= LEAST_NEW_BALANCE && !creators.has(destination)) creators.set(destination, payout);
  }
  return creators;
}

function distinct(judged: readonly Judged[]): Judged[] {
  return [...new Map(judged.map((each) => [each.payout.id, each])).values()];
}
