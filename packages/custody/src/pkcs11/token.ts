import type { Gate } from '../attempts.ts';
import { beforeAbort } from '../before-abort.ts';
import { type CircuitRule, createCircuitBreaker } from '../circuit-breaker.ts';
import { type Connection, createConnection, openSessions } from './connection.ts';
import { failureOf, isPinRefused, Pkcs11Failure } from './failure.ts';
import { findSlot } from './find-slot.ts';
import type { Library } from './library.ts';
import { type PinSource, readPin } from './pin.ts';
import { threads } from './threads.ts';
import { bothOf, createTurns, type Turns } from './turns.ts';

export interface TokenOptions {
  /** The label of CK_TOKEN_INFO, without the blanks that it is padded with. */
  readonly label: string;
  readonly pin: PinSource;
  /** Signatures at a time; those beyond wait for their turn. Default 4. */
  readonly sessions?: number | undefined;
  /** After this long without an answer one attempt is given up, ms. Default 3000. */
  readonly attemptTimeoutMs?: number | undefined;
  /** When the token counts as down. */
  readonly circuit?: CircuitRule | undefined;
  /** The pause after an opening that has failed, ms; twice as long after each further one, up to the second figure. */
  readonly reopenMs?: readonly [first: number, longest: number] | undefined;
  /** How long closing waits for calls that are under way, ms. Default 5000. */
  readonly closeMs?: number | undefined;
}

export interface Pkcs11Options extends TokenOptions {
  /** Absolute path of the PKCS#11 library. */
  readonly module: string;
}

/** What all keys of one token share: its sessions, the login, the queue, and what is known of its health. */
export interface Token {
  readonly circuit: Gate['circuit'];
  /** For what answers at once, on this thread. */
  readonly sessions: Turns;
  /** For what takes a thread as well. */
  readonly calls: Turns;
  readonly attemptTimeoutMs: number;
  /** The connection, where it is there now. */
  connected(): Connection | undefined;
  /**
   * The connection, opened anew where it was lost. All who ask at the same time get the same one, or the same failure.
   * @throws what `failureOf` takes
   */
  connection(): Promise<Connection>;
  /** A call found it gone: the next one gets another. */
  lose(connection: Connection): void;
  close(): Promise<void>;
}

const ATTEMPT_TIMEOUT_MS = 3_000;
const REOPEN_MS = [100, 15_000] as const;

/** @param env of which the command that prints the PIN gets PATH */
export function createToken(
  library: Library,
  {
    label,
    pin,
    sessions: count = 4,
    attemptTimeoutMs = ATTEMPT_TIMEOUT_MS,
    circuit,
    reopenMs: [firstMs, longestMs] = REOPEN_MS,
    closeMs,
  }: TokenOptions,
  env: NodeJS.ProcessEnv,
  onCircuit: (isOpen: boolean) => void,
): Token {
  const sessions = createTurns(count);
  let current: Connection | undefined;
  let opening: Promise<Connection> | undefined;
  let isClosed = false;
  let failed: { readonly error: unknown; readonly until: number; readonly pauseMs: number } | undefined;

  const open = async (): Promise<Connection> => {
    const { cryptoki } = library;
    await library.ready();
    // Without a token nobody is asked for its PIN.
    findSlot(cryptoki, label);
    const secret = await readPin(pin, env);
    try {
      await library.ready();
      // Nothing is awaited from here on: no restart comes between the slot, the sessions and the connection.
      const slot = findSlot(cryptoki, label);
      return createConnection(library, slot, openSessions(cryptoki, slot, count, secret));
    } finally {
      secret.fill(0);
    }
  };
  /** First as it is, which disturbs no other token of the library; then with the library started anew. */
  const reopen = async (): Promise<Connection> => {
    const { epoch } = library;
    try {
      return await open();
    } catch (error) {
      const { errorCode } = failureOf(error);
      // Another start of the library changes nothing about the PIN.
      if (isPinRefused(errorCode) || errorCode === 'PIN_UNREADABLE') throw error;
      await library.restart(epoch, attemptTimeoutMs);
      return await open();
    }
  };
  const connect = async (): Promise<Connection> => {
    if (failed !== undefined && performance.now() < failed.until) throw failed.error;
    try {
      current = await (library.hasServed ? reopen() : open());
      library.hasServed = true;
      failed = undefined;
      return current;
    } catch (error) {
      const pauseMs = failed === undefined ? firstMs : Math.min(failed.pauseMs * 2, longestMs);
      const isFinal = isPinRefused(failureOf(error).errorCode);
      failed = { error, pauseMs, until: isFinal ? Number.POSITIVE_INFINITY : performance.now() + pauseMs };
      throw error;
    }
  };
  const connected = () => (isClosed || current?.isStale ? undefined : current);
  const connection = async (): Promise<Connection> => {
    await library.ready();
    if (isClosed) throw new Pkcs11Failure('TOKEN_CLOSED', 'the token is closed');
    const there = connected();
    if (there !== undefined) return there;
    opening ??= connect().finally(() => {
      opening = undefined;
    });
    return opening;
  };
  /** Nobody holds a thread while the connection is opened: others have work for it. */
  const threadsOnceConnected: Turns = {
    async take(signal) {
      // A failure is for the call to find.
      await beforeAbort(
        connection().catch(() => undefined),
        signal,
      );
      return threads.take(signal);
    },
  };
  return {
    circuit: createCircuitBreaker(circuit, onCircuit),
    sessions,
    calls: bothOf(sessions, threadsOnceConnected),
    attemptTimeoutMs,
    connected,
    connection,
    lose(connection) {
      connection.close();
      if (current === connection) current = undefined;
    },
    async close() {
      // The library counts who lets go of it.
      if (isClosed) return;
      isClosed = true;
      await opening?.catch(() => undefined);
      current?.close();
      current = undefined;
      await library.close(closeMs);
    },
  };
}
