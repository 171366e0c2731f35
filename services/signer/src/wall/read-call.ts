import type { CountersignError } from '@countersign/contract/errors';
import { asCountersignError } from '../as-countersign-error.ts';
import { readEvent } from '../audit/read-event.ts';
import type { Call, SignerContext } from '../context.ts';
import { authenticate } from '../signing/authenticate.ts';

/**
 * Runs a call that reads: authenticates the caller, reads, and writes the audit event before the answer leaves. Without
 * the event there is no answer.
 */
export async function readCall<T>(
  { store, clock }: SignerContext,
  call: Call,
  about: { readonly name: 'ListKeys' | 'GetKey'; readonly requestParameters: Readonly<Record<string, string>> },
  read: (caller: string) => T,
): Promise<T> {
  const at = clock();
  const leave = (caller: string | undefined, refusal?: CountersignError): Promise<void> =>
    store.leave(readEvent({ ...about, call, at, caller, refusal }));
  let caller: string | undefined;
  try {
    caller = authenticate(call.certificate);
    const result = read(caller);
    await leave(caller);
    return result;
  } catch (error) {
    const refusal = asCountersignError(error);
    if (refusal.code !== 'STORE_UNAVAILABLE') await leave(caller, refusal);
    throw refusal;
  }
}
