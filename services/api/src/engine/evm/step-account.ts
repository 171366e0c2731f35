import { clearChainTrouble, noteChainTrouble } from '../chain-trouble.ts';
import { notePayouts, type PayoutReason } from '../move-payouts.ts';
import { after, BACKOFF, type Next, NOW } from '../next.ts';
import { type Payout, payoutIds, waitingPayouts } from '../payouts.ts';
import { type EvmAccount, openAccount, readAccount } from './accounts.ts';
import { broadcast, isSendDue } from './broadcast.ts';
import { type ChainView, viewChain } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { followNonce } from './follow.ts';
import { takePayout } from './intake.ts';
import { builtAttempt, newestSigned, type OpenNonce, openNonces } from './nonces.ts';
import { cancelUnsigned, isCancelDue, isReplacementDue, replaceNewest } from './replace.ts';
import { signAttempt } from './sign.ts';
import { isWindowFull } from './waiting.ts';
import { reopenLost, watchedNonces } from './watch-final.ts';

// What a node's pool keeps of one account, by default, and how far the signer's window reaches beyond the last final nonce.
const MOST_OPEN = 16;
const LOOK_AHEAD = 20;

/** What is stored of the account, and what waits for it. */
interface Books {
  readonly account: EvmAccount;
  readonly open: readonly OpenNonce[];
  readonly waiting: readonly Payout[];
}

/**
 * One step of an account: looks after every open nonce, signs what is stored unsigned, sends what is due, and takes up a
 * waiting payout. One at a time, so that nonces are signed without gaps.
 */
export async function stepAccount(context: EvmContext): Promise<Next> {
  const { pool, chain, treasury, timing } = context;
  const open = await openNonces(context);
  const waiting = await waitingPayouts(pool, chain.chain, treasury.key, LOOK_AHEAD);
  const watched = await watchedNonces(context);
  if (open.length + waiting.length + watched.length === 0) return after(timing.idleMs);
  const ids = [...open.map(({ payout }) => payout.id), ...payoutIds(waiting)];
  try {
    const account = await readAccount(context);
    if (account === undefined) {
      await openAccount(context);
      return NOW;
    }
    if (await reopenLost(context, watched)) return NOW;
    const next =
      open.length + waiting.length === 0 ? after(timing.idleMs) : await step(context, { account, open, waiting });
    await clearChainTrouble(context, ids);
    return next;
  } catch (error) {
    await noteChainTrouble(context, chain.chain, 'confirm', ids, error);
    return BACKOFF;
  }
}

async function step(context: EvmContext, books: Books): Promise<Next> {
  const { account, open } = books;
  const view = await viewChain(context);
  let changed = false;
  for (const nonce of open) changed = (await followNonce(context, view, nonce)) || changed;
  if (changed) return NOW;

  const unmined = open.filter(({ nonce, mined }) => nonce >= view.usedUp && mined === undefined);
  if (!(await sendDue(context, unmined))) return BACKOFF;
  if (account.paused !== undefined) return waitForLift(context, books, account.paused);

  for (const nonce of open) {
    const built = builtAttempt(nonce);
    if (built === undefined) continue;
    const lowestOpen = open[0]?.nonce ?? account.nextNonce;
    return (await signAttempt(context, view, nonce, built, lowestOpen)) === 'done' ? NOW : BACKOFF;
  }
  for (const [index, nonce] of unmined.entries()) {
    if (isReplacementDue(context, nonce, index === 0) && (await replaceNewest(context, view, nonce))) return NOW;
  }
  for (const nonce of unmined) {
    if (!isCancelDue(context, nonce)) continue;
    if (await cancelUnsigned(context, view, nonce)) return NOW;
  }
  return takeNext(context, view, books);
}

/** What is signed already goes on; nothing else does. */
async function waitForLift(
  { pool, timing }: EvmContext,
  { open, waiting }: Books,
  { code }: PayoutReason,
): Promise<Next> {
  const unsigned = open.filter((nonce) => newestSigned(nonce) === undefined).map(({ payout }) => payout);
  const reason = { code: 'KEY_PAUSED', detail: `the key is paused (${code}) until a person has looked` };
  await notePayouts(pool, payoutIds([...unsigned, ...waiting]), reason);
  return after(timing.pollMs);
}

async function takeNext(context: EvmContext, view: ChainView, books: Books): Promise<Next> {
  const { timing } = context;
  const { account, open, waiting } = books;
  if (waiting.length > 0 && open.length < MOST_OPEN && !(await isWindowFull(context))) {
    const taken = await takePayout(context, view, { nextNonce: account.nextNonce, open }, waiting);
    if (taken !== 'waiting') return NOW;
  }
  return after(open.length > 0 ? timing.pollMs : timing.idleMs);
}

/** Sends what is due, in the order of the nonces. Returns false when the node cannot be talked to. */
async function sendDue(context: EvmContext, unmined: readonly OpenNonce[]): Promise<boolean> {
  for (const nonce of unmined) {
    if (newestSigned(nonce) === undefined || !isSendDue(context, nonce)) continue;
    if ((await broadcast(context, nonce)) === 'unknown') return false;
  }
  return true;
}
