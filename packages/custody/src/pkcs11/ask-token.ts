import { type AttemptRules, type CallResult, withAttempts } from '../attempts.ts';
import type { Attempt } from '../backend.ts';
import { CustodyError } from '../error.ts';
import type { Connection } from './connection.ts';
import { failureOf } from './failure.ts';
import type { Token } from './token.ts';

const NAME = 'pkcs11';

/** What may come right while the signer runs, and is a mistake when it starts. */
const SETUP = new Set(['TOKEN_NOT_FOUND', 'PIN_UNREADABLE']);

/**
 * A call in a turn of its own: on the connection, or on a new one where the last was lost.
 * @throws CustodyError `UNAVAILABLE` or `REFUSED`, with the attempts
 */
export async function askedToken<T>(
  token: Token,
  signal: AbortSignal,
  call: (connection: Connection) => T | Promise<T>,
  { retry }: Pick<AttemptRules, 'retry'> = {},
): Promise<{ readonly value: T; readonly attempts: readonly Attempt[] }> {
  const turn = token.turn();
  const attempt = async (): Promise<CallResult<T>> => {
    let connection: Connection | undefined;
    try {
      connection = await token.connection();
      // What comes after its deadline is not begun.
      signal.throwIfAborted();
      return { ok: true, value: await call(connection) };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.lost && connection !== undefined) token.lose(connection);
      return failure;
    }
  };
  try {
    return await withAttempts(NAME, signal, () => turn.spend(attempt), {
      retry,
      gate: { quota: turn, circuit: token.circuit },
    });
  } finally {
    turn.drop();
  }
}

/** At start a refusal is a wrong setup, and what is not there is not looked for twice. */
export async function openedToken<T>(
  token: Token,
  signal: AbortSignal,
  call: (connection: Connection) => T,
  rules?: Pick<AttemptRules, 'retry'>,
): Promise<T> {
  try {
    return (await askedToken(token, signal, call, rules)).value;
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    const isSetup = SETUP.has(error.attempts.at(-1)?.errorCode ?? '');
    if (error.code !== 'REFUSED' && !isSetup) throw error;
    throw new CustodyError('MISCONFIGURED', error.message, { attempts: error.attempts, cause: error });
  }
}
