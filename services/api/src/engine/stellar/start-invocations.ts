import { timed } from '../metrics.ts';
import type { Payout } from '../payouts.ts';
import type { Channel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { UNDERFUNDED } from './plan.ts';
import { startInvocation } from './soroban/start-invocation.ts';
import type { Holdings } from './treasury.ts';
import { invocationsToTry, markTried, postpone, type Taken } from './waiting.ts';

// How far one step looks down the queue, and how many payouts it tries: each costs a simulation.
const LOOK_AHEAD = 500;
const MOST_TRIES = 5;

/** Gives a free channel to one waiting contract call, one of each asset tried. */
export async function startOneInvocation(
  context: StellarContext,
  channel: Channel,
  holdings: Holdings,
): Promise<Taken> {
  const waiting = await invocationsToTry(context, holdings, LOOK_AHEAD);
  const ofEachAsset = [...Map.groupBy(waiting, ({ asset }) => asset).values()].flatMap(([first]) => first ?? []);
  const tried = ofEachAsset.slice(0, MOST_TRIES);
  for (const payout of tried) {
    const outcome = await timed(
      context.metrics.build,
      context.chain.chain,
      () => start(context, channel, payout, holdings),
      (result) => result,
    );
    if (outcome !== 'waiting') return 'started';
  }
  return tried.length < waiting.length ? 'more' : 'none';
}

async function start(
  context: StellarContext,
  channel: Channel,
  payout: Payout,
  holdings: Holdings,
): Promise<'stored' | 'failed' | 'waiting'> {
  const held = holdings.get(payout.asset);
  if (held !== undefined && (held.paused !== undefined || held.available < payout.amount)) {
    await postpone(context, [payout], held.paused ?? UNDERFUNDED);
    return 'waiting';
  }
  const outcome = await startInvocation(context, channel, payout);
  if (outcome === 'waiting') await markTried(context, payout);
  return outcome;
}
