import { unixTime } from '../context.ts';
import { type Next, POKED } from '../next.ts';
import { liveAttempt } from './attempts.ts';
import { readChannel } from './channels.ts';
import type { StellarContext } from './context.ts';
import { stepLookUp } from './look-up.ts';
import { stepRebuild } from './rebuild.ts';
import { stepSign } from './sign.ts';
import { openAuthorization } from './soroban/authorizations.ts';
import { stepInvocation } from './soroban/step-invocation.ts';
import { stepSubmit } from './submit.ts';
import { stepSetAside } from './used-number.ts';

/** One step of a channel: what is stored says which. */
export async function stepChannel(context: StellarContext, address: string): Promise<Next> {
  const channel = await readChannel(context, address);
  if (channel === undefined || channel.state === 'free') return POKED;
  const attempt = await liveAttempt(context, address);
  const isQuarantined = channel.state === 'quarantined';
  if (attempt === undefined) {
    const authorization = await openAuthorization(context, address);
    if (authorization !== undefined) return stepInvocation(context, channel, authorization);
    return isQuarantined ? stepSetAside(context, channel) : stepRebuild(context, channel);
  }
  if (isQuarantined) return stepLookUp(context, channel, attempt);
  if (unixTime(context) < attempt.maxTime) {
    if (attempt.state === 'built') return stepSign(context, attempt);
    if (attempt.sentMsAgo === undefined) return stepSubmit(context, attempt);
  }
  return stepLookUp(context, channel, attempt);
}
