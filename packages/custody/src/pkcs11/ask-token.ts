import { type AttemptRules, type CallResult, type Gate, withAttempts } from '../attempts.ts';
import type { Attempt } from '../backend.ts';
import { opened } from '../opening.ts';
import type { Connection } from './connection.ts';
import { failureOf, Pkcs11Failure } from './failure.ts';
import { inTime, NO_ANSWER } from './in-time.ts';
import type { Token } from './token.ts';
import type { Turn, Turns } from './turns.ts';

const NAME = 'pkcs11';

/** What may come right while the signer runs, and is a mistake when it starts. */
const SETUP = new Set(['TOKEN_NOT_FOUND', 'PIN_UNREADABLE']);

/**
 * A call in a turn of its own: on the connection, or on a new one where the last was lost.
 * @throws CustodyError `UNAVAILABLE` or `REFUSED`, with the attempts
 */
export function askedToken<T>(
  token: Token,
  signal: AbortSignal,
  call: (connection: Connection) => Promise<T>,
): Promise<{ readonly value: T; readonly attempts: readonly Attempt[] }> {
  return inTurn(token, token.calls, signal, call, (attempt, gate) => withAttempts(NAME, signal, attempt, { gate }));
}

/** The same while a key is opened, made or looked at. @throws CustodyError `MISCONFIGURED` or `UNAVAILABLE`, with the attempts */
export function openedToken<T>(
  token: Token,
  signal: AbortSignal,
  call: (connection: Connection) => T,
  { retry }: Pick<AttemptRules, 'retry'> = {},
): Promise<T> {
  const final = (result: CallResult<T>): CallResult<T> =>
    !result.ok && SETUP.has(result.errorCode) ? { ...result, retryable: false } : result;
  return inTurn(token, token.sessions, signal, call, (attempt, gate) =>
    opened(NAME, signal, async () => final(await attempt()), { retry, gate }),
  );
}

/** A turn is taken anew for each attempt. */
async function inTurn<T, Answer>(
  token: Token,
  turns: Turns,
  signal: AbortSignal,
  call: (connection: Connection) => T | Promise<T>,
  run: (attempt: () => Promise<CallResult<T>>, gate: Gate) => Promise<Answer>,
): Promise<Answer> {
  const { circuit, attemptTimeoutMs } = token;
  /** Taken, and not yet the call's. */
  let turn: Turn | undefined;
  const given = (): Turn => {
    if (turn === undefined) throw new Error('expected a turn, got none');
    const own = turn;
    turn = undefined;
    return own;
  };
  const drop = () => {
    turn?.end();
    turn = undefined;
  };
  // A second call would take one more thread for what hangs.
  let hangs = false;
  const quota: Gate['quota'] = {
    async take(until) {
      if (hangs) return false;
      turn = await turns.take(until);
      // All are taken by calls that hang.
      if (turn === undefined && !until.aborted) circuit.trip();
      return turn !== undefined;
    },
  };
  /** Another request has found it gone since: nobody keeps a turn while it is opened anew. */
  const reconnected = async (): Promise<Connection> => {
    for (;;) {
      drop();
      await token.connection();
      if (!(await quota.take(signal))) throw new Pkcs11Failure('NO_TURN', 'all turns are taken', { retryable: true });
      const current = token.connected();
      if (current !== undefined) return current;
    }
  };
  const attempt = async (): Promise<CallResult<T>> => {
    let connection: Connection | undefined;
    try {
      const current = token.connected() ?? (await reconnected());
      connection = current;
      // What comes after its deadline is not begun.
      signal.throwIfAborted();
      return { ok: true, value: await inTime(given(), attemptTimeoutMs, () => call(current)) };
    } catch (error) {
      const failure = failureOf(error);
      hangs = failure.errorCode === NO_ANSWER;
      if (failure.lost && connection !== undefined) token.lose(connection);
      return failure;
    } finally {
      drop();
    }
  };
  try {
    return await run(attempt, { quota, circuit });
  } finally {
    drop();
  }
}
