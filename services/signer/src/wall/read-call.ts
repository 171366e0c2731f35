import { CountersignError } from '@countersign/contract/errors';
import { appendEvent } from '../audit/audit-log.ts';
import { readEvent } from '../audit/read-event.ts';
import type { Call, SignerContext } from '../context.ts';
import { authenticate } from '../signing/authenticate.ts';
import { inStore } from '../store.ts';

/**
 * Runs a call that reads: authenticates the caller, reads, and writes the audit event before the answer leaves. Without
 * the event there is no answer.
 */
export async function readCall<T>(
  { pool, auditChain, clock, metrics }: SignerContext,
  call: Call,
  about: { readonly name: 'ListKeys' | 'GetKey'; readonly requestParameters: Readonly<Record<string, string>> },
  read: (caller: string) => T,
): Promise<T> {
  const at = clock();
  const leave = async (caller: string | undefined, refusal?: CountersignError): Promise<void> => {
    const event = readEvent({ ...about, call, at, caller, refusal });
    const height = await inStore(pool, (client) => appendEvent(client, auditChain, event));
    metrics.chainHeight.set(Number(height));
  };
  let caller: string | undefined;
  try {
    caller = authenticate(call.certificate);
    const result = read(caller);
    await leave(caller);
    return result;
  } catch (error) {
    if (error instanceof CountersignError && error.code !== 'STORE_UNAVAILABLE') await leave(caller, error);
    throw error;
  }
}
