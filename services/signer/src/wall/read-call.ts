import type { CountersignError } from '@countersign/contract/errors';
import { asCountersignError } from '../as-countersign-error.ts';
import { type ReadFindings, readEvent } from '../audit/read-event.ts';
import type { Call, SignerContext } from '../context.ts';
import { authenticate } from '../signing/authenticate.ts';
import { demandTime } from '../signing/in-time.ts';
import { outcomeOf } from '../signing/outcome.ts';

/**
 * Runs a call that reads: authenticates the caller, reads, and writes the audit event before the answer leaves. Without
 * the event there is no answer, but for refusals beyond the caller's budget, which are counted instead.
 */
export async function readCall<T>(
  { store, clock }: SignerContext,
  call: Call,
  about: Pick<ReadFindings, 'name' | 'requestParameters'>,
  read: (caller: string) => T,
): Promise<T> {
  const at = clock();
  const leave = (caller: string | undefined, refusal?: CountersignError): Promise<void> =>
    store.leave(readEvent({ ...about, call, at, caller, refusal }));
  let caller: string | undefined;
  try {
    caller = authenticate(call.certificate);
    const result = read(caller);
    demandTime(call);
    await leave(caller);
    return result;
  } catch (error) {
    const refusal = asCountersignError(error);
    const counted = outcomeOf(refusal) === 'denied' && !call.leavesEvent(refusal.code);
    if (refusal.code !== 'STORE_UNAVAILABLE' && !counted) await leave(caller, refusal);
    throw refusal;
  }
}
