import { type AttemptRules, type CallResult, withAttempts } from './attempts.ts';
import { CustodyError } from './error.ts';

/** Whether a name is taken: `read` asks for what has it. @param notFound the code of the error where nothing has it */
export async function isThere(read: () => Promise<unknown>, notFound: string): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    if (error instanceof CustodyError && error.attempts.at(-1)?.errorCode === notFound) return false;
    throw error;
  }
}

/**
 * A call that opens or makes a key. Whatever it is refused with, it is a wrong setup.
 * @param signal the deadline for opening
 * @throws CustodyError `MISCONFIGURED`, or `UNAVAILABLE` when nobody answers; with the attempts
 */
export async function opened<T>(
  backend: string,
  signal: AbortSignal,
  call: () => Promise<CallResult<T>>,
  rules?: AttemptRules,
): Promise<T> {
  try {
    const { value } = await withAttempts(backend, signal, call, rules);
    return value;
  } catch (error) {
    if (!(error instanceof CustodyError) || error.code !== 'REFUSED') throw error;
    throw new CustodyError('MISCONFIGURED', error.message, { attempts: error.attempts, cause: error });
  }
}
