import { parseAssetId } from '@countersign/chains/caip';
import { laneOf } from '@countersign/chains/stellar/lane';
import { noteChainTrouble } from '../chain-trouble.ts';
import { after, BACKOFF, type Next, NOW } from '../next.ts';
import { payoutIds, waitingPayouts } from '../payouts.ts';
import { accountKey, accountsIn } from './account.ts';
import { type Channel, insertChannels, readChannels } from './channels.ts';
import type { StellarContext } from './context.ts';
import { readEntries } from './read-entries.ts';
import { startOneBatch } from './start-batches.ts';
import { startOneInvocation } from './start-invocations.ts';
import { type Holdings, lookUpHoldings } from './treasury.ts';
import { waitingAssets } from './waiting.ts';

const MOST_NOTED = 99;

/** Takes waiting payouts of a treasury up: plans one transaction, stores it, and leaves the rest to its channel. */
export async function stepIntake(context: StellarContext): Promise<Next> {
  const { pool, chain, treasury, timing } = context;
  const oldest = await waitingPayouts(pool, chain.chain, treasury.key, MOST_NOTED);
  if (oldest.length === 0) return after(timing.idleMs);
  try {
    const channel = await freeChannel(context);
    if (channel === undefined) return after(timing.idleMs);
    const holdings = await waitingHoldings(context);
    let more = false;
    for (const start of inTurn(channel)) {
      const taken = await start(context, channel, holdings);
      if (taken === 'started') return NOW;
      more ||= taken === 'more';
    }
    // All of them wait for something: for money, or for an account that another payout creates.
    return after(more ? timing.pollMs : timing.idleMs);
  } catch (error) {
    await noteChainTrouble(context, chain.chain, 'build', payoutIds(oldest), error);
    return BACKOFF;
  }
}

/**
 * Batches and contract calls take turns on each channel, so that a long queue of the one never starves the other. A batch
 * leaves a channel at the end of a lane; a contract call takes a single number.
 */
function inTurn({ sequence }: Channel) {
  const lastWasBatch = laneOf(sequence + 1n).start === sequence;
  return lastWasBatch ? [startOneInvocation, startOneBatch] : [startOneBatch, startOneInvocation];
}

async function waitingHoldings(context: StellarContext): Promise<Holdings> {
  const assets = await waitingAssets(context);
  return lookUpHoldings(
    context,
    assets.filter((asset) => parseAssetId(asset).kind !== 'sep41'),
  );
}

async function freeChannel(context: StellarContext): Promise<Channel | undefined> {
  let channels = await readChannels(context);
  const known = new Set(channels.map(({ address }) => address));
  const unknown = context.treasury.channels.filter((address) => !known.has(address));
  if (unknown.length > 0) {
    await registerChannels(context, unknown);
    channels = await readChannels(context);
  }
  return channels.find(({ state }) => state === 'free');
}

async function registerChannels(context: StellarContext, addresses: readonly string[]): Promise<void> {
  const { entries } = await readEntries(
    context.rpc,
    addresses.map((address) => [accountKey(address)]),
  );
  const accounts = accountsIn(entries);
  await insertChannels(context, [...accounts.values()]);
  for (const address of addresses) {
    if (!accounts.has(address)) context.log.error({ channel: address }, 'the channel account is not on the ledger');
  }
}
