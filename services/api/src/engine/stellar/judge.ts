import { StrKey } from '@stellar/stellar-sdk/base';
import type { PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import { accountKey, baseAccount } from './account.ts';
import type { FrozenKeys } from './frozen-keys.ts';
import type { Holdings } from './treasury.ts';
import { type IssuedAsset, issued, lineName, type Trustlines, trustlineKey } from './trustline.ts';

/** What is known of the ledger before a batch is planned. */
export interface Surroundings {
  /** The destination accounts that exist. */
  readonly existing: ReadonlySet<string>;
  /** Those that want a memo (SEP-29). */
  readonly memoRequired: ReadonlySet<string>;
  /** The trustlines of the destinations. */
  readonly lines: Trustlines;
  readonly frozen: FrozenKeys;
  /** Accounts that another transaction in flight creates. */
  readonly beingCreated: ReadonlySet<string>;
  /** Accounts that another waiting payout is large enough to create. */
  readonly awaited: ReadonlySet<string>;
  /** What the treasury can pay. */
  readonly holdings: Holdings;
}

/** What a payout's destination allows, the payer aside. */
type Judgement =
  | { readonly kind: 'known' }
  /** Takes the asset by a trustline that has room for so much more. */
  | { readonly kind: 'line'; readonly line: string; readonly room: bigint }
  /** The account is not there; `reason` is for the case that nothing creates it. */
  | { readonly kind: 'new' | 'failed' | 'waiting'; readonly reason: PayoutReason };

/** Also the mark by which a waiting payout takes turns with the others. */
export const BEING_CREATED: PayoutReason = {
  code: 'DESTINATION_BEING_CREATED',
  detail: 'another payout creates the account',
};
export const LINE_FULL: PayoutReason = {
  code: 'DESTINATION_LINE_FULL',
  detail: 'the trustline of the destination has no room for the amount',
};
const TOO_SMALL_TO_CREATE: PayoutReason = {
  code: 'DESTINATION_UNFUNDED',
  detail: 'the account does not exist, and the amount is below the reserve that creates it',
};
const MUXED_CREATES_NOTHING: PayoutReason = {
  code: 'DESTINATION_UNFUNDED',
  detail: 'the account does not exist, and a payment to an M… address cannot create it',
};
const ISSUED_CREATES_NOTHING: PayoutReason = {
  code: 'DESTINATION_UNFUNDED',
  detail: 'the account does not exist, and so it has no trustline for the asset',
};

export function judge({ destination, asset, memo }: Payout, seen: Surroundings): Judgement {
  const muxed = StrKey.isValidMed25519PublicKey(destination);
  if (!muxed && !StrKey.isValidEd25519PublicKey(destination)) {
    return failed('DESTINATION_NOT_SUPPORTED', 'the destination is not a Stellar account');
  }
  const account = baseAccount(destination);
  const named = issued(asset);
  if (named?.issuer === account) {
    return failed('DESTINATION_IS_ISSUER', 'a payment to its issuer would burn the asset');
  }
  if (seen.frozen.has(named === undefined ? accountKey(account) : trustlineKey(account, named))) {
    return failed('TX_FROZEN_KEY_ACCESSED', "the network has frozen the destination's account or trustline");
  }
  if (seen.existing.has(account)) {
    if (!muxed && memo === undefined && seen.memoRequired.has(account)) {
      return failed('MEMO_REQUIRED', 'the destination asks for a memo (SEP-29)');
    }
    return named === undefined ? { kind: 'known' } : judgeLine(account, named, seen);
  }
  if (named !== undefined) return { kind: 'failed', reason: ISSUED_CREATES_NOTHING };
  if (seen.beingCreated.has(account)) return { kind: 'waiting', reason: BEING_CREATED };
  return { kind: 'new', reason: muxed ? MUXED_CREATES_NOTHING : TOO_SMALL_TO_CREATE };
}

function judgeLine(account: string, asset: IssuedAsset, { lines }: Surroundings): Judgement {
  const name = lineName(account, asset);
  const line = lines.get(name);
  if (line === undefined) {
    return failed('DESTINATION_NO_TRUSTLINE', 'the destination has no trustline for the asset');
  }
  // To be let keep its offers is not enough to be paid.
  if (!line.authorized) {
    return failed('DESTINATION_NOT_AUTHORIZED', 'the issuer does not let the destination receive the asset');
  }
  return { kind: 'line', line: name, room: line.room };
}

function failed(code: string, detail: string): Judgement {
  return { kind: 'failed', reason: { code, detail } };
}
