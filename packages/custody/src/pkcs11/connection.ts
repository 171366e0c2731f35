import type { Handle, PKCS11 } from 'pkcs11js';
import { CKF_SERIAL_SESSION } from './constants.ts';
import { failureOf, Pkcs11Failure } from './failure.ts';
import type { Library } from './library.ts';
import { login } from './login.ts';

/** Bytes of what is signed, and of either signature. */
const [INPUT_BYTES, OUTPUT_BYTES] = [32, 64];

/**
 * A session signs one thing at a time (PKCS#11 v3.1, section 5.13). Its buffers are its own and live as long as it does: the
 * thread that signs reads and writes them, and nothing else would keep them from being collected meanwhile.
 */
interface Session {
  readonly handle: Handle;
  readonly input: Buffer;
  readonly output: Buffer;
}

/** A token with its sessions open and its user logged in, until one of them turns out to be gone. */
export interface Connection {
  readonly cryptoki: PKCS11;
  readonly slot: Handle;
  /** Whether the library has been restarted since, which ends every session and every handle. */
  readonly isStale: boolean;
  /** Runs calls that answer at once on a session that is free. */
  ask<T>(run: (session: Handle) => T): T;
  /** Signs on a session of its own, until the library answers: a call that was begun cannot be stopped. */
  sign(key: Handle, mechanism: number, message: Uint8Array): Promise<Uint8Array>;
  /** Closes what is free at once, and the others when their calls have ended. */
  close(): void;
}

export function createConnection(library: Library, slot: Handle, handles: readonly Handle[]): Connection {
  const { cryptoki, epoch } = library;
  const free = handles.map(
    (handle): Session => ({ handle, input: Buffer.alloc(INPUT_BYTES), output: Buffer.alloc(OUTPUT_BYTES) }),
  );
  let isClosed = false;

  const end = ({ handle }: Session) => {
    if (library.epoch === epoch) closeSession(cryptoki, handle);
  };
  const taken = (): Session => {
    const session = free.shift();
    // There are as many sessions as turns.
    if (session === undefined || isClosed) {
      throw new Pkcs11Failure('NO_SESSION', 'no session is free', { retryable: true });
    }
    return session;
  };
  const putBack = (session: Session) => void (isClosed ? end(session) : free.push(session));

  return {
    cryptoki,
    slot,
    get isStale() {
      return library.epoch !== epoch;
    },
    ask(run) {
      const session = taken();
      try {
        return run(session.handle);
      } finally {
        putBack(session);
      }
    },
    async sign(key, mechanism, message) {
      const session = taken();
      try {
        const { handle, input, output } = session;
        input.set(message);
        cryptoki.C_SignInit(handle, { mechanism }, key);
        return new Uint8Array(await library.during(cryptoki.C_SignAsync(handle, input, output)));
      } finally {
        putBack(session);
      }
    },
    close() {
      isClosed = true;
      for (const session of free.splice(0)) end(session);
    },
  };
}

/** Opens sessions and logs in, once: the login holds for all sessions with the token (PKCS#11 v3.1, section 5.6.8). */
export function openSessions(cryptoki: PKCS11, slot: Handle, count: number, pin: Buffer): Handle[] {
  const handles: Handle[] = [];
  try {
    for (let number = 0; number < count; number++) handles.push(cryptoki.C_OpenSession(slot, CKF_SERIAL_SESSION));
    const [first] = handles;
    if (first !== undefined) login(cryptoki, slot, first, pin);
    return handles;
  } catch (error) {
    for (const handle of handles) closeSession(cryptoki, handle);
    throw error;
  }
}

/** One that is gone is closed. */
function closeSession(cryptoki: PKCS11, handle: Handle): void {
  try {
    cryptoki.C_CloseSession(handle);
  } catch (error) {
    if (failureOf(error).errorCode === 'UNEXPECTED') throw error;
  }
}
