import { accountKey, accountsIn } from '../account.ts';
import { type Attempt, attemptsFor } from '../attempts.ts';
import type { StellarContext } from '../context.ts';
import type { Found } from '../rpc.ts';
import type { Authorization } from './authorizations.ts';
import { nonceKey } from './ledger-keys.ts';

/** What the newest ledger says of an authorization and of the channel that its payout holds. */
export interface Look {
  readonly ledger: bigint;
  /** Whether the ledger has taken the authorization, in whoever's envelope. */
  readonly used: boolean;
  /** The channel's last number; undefined when the account is not there. */
  readonly sequence: bigint | undefined;
  /** What the channel can pay as fees, stroops. */
  readonly spendable: bigint;
}

export async function look({ rpc, treasury }: StellarContext, { channel, nonce }: Authorization): Promise<Look> {
  const { ledger, entries } = await rpc.entries([accountKey(channel), nonceKey(treasury.account, nonce)]);
  const account = accountsIn(entries).get(channel);
  return {
    ledger,
    used: entries.some(({ type }) => type === 'contractData'),
    sequence: account?.sequence,
    spendable: account?.spendable ?? 0n,
  };
}

/** What became of the envelopes around an authorization. */
type Remains =
  | { readonly kind: 'found'; readonly attempt: Attempt; readonly found: Exclude<Found, { status: 'NOT_FOUND' }> }
  /** The node may find one yet: it is behind, or one of them can still be included. */
  | { readonly kind: 'open' }
  /** None was ever included, and none will be. */
  | { readonly kind: 'none' };

/** Looks all envelopes of a payout up of which the ledger has not told yet; none of them is live. */
export async function lookUpAll(context: StellarContext, payoutId: string, ledger: bigint): Promise<Remains> {
  const attempts = await attemptsFor(context, payoutId);
  let open = false;
  for (const attempt of attempts) {
    const { state, signed, maxTime } = attempt;
    if (signed === undefined || state === 'failed' || state === 'succeeded') continue;
    const found = await context.rpc.find(attempt.hash);
    if (found.status !== 'NOT_FOUND') return { kind: 'found', attempt, found };
    open ||= found.latestLedger < ledger || found.latestCloseTime <= maxTime;
  }
  return { kind: open ? 'open' : 'none' };
}
