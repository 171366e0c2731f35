import { CountersignError } from '@countersign/contract/errors';
import type { MtlsListener, PeerConnection } from '@countersign/contract/grpc';
import { toStatus } from '@countersign/contract/grpc';
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import type { Caller, CallGate, CallKind, Throttle } from './call-gate.ts';

/** A call that the gate has let in. */
export interface Admitted {
  readonly connection: PeerConnection;
  readonly caller: Caller;
  /** Milliseconds since 1970. */
  readonly deadline: number;
  /** From here on the place is given back by `done` alone: the work goes on when the caller has gone. */
  begin(): void;
  done(): void;
}

export interface CallGuardOptions {
  /** The longest that a call may take, and what one without a deadline gets. */
  readonly maxCallMs: number;
  readonly gate: CallGate;
  readonly connectionOf: MtlsListener['connectionOf'];
  readonly callerOf: (connection: PeerConnection) => Caller;
  readonly kindOf: (path: string) => CallKind;
  readonly onThrottled: (caller: Caller, why: Throttle) => void;
  /** Told of a call that ended before its one message was there: cut off, too large, badly packed, too slow. */
  readonly onUnfinished: (caller: Caller, path: string) => void;
}

export interface CallGuard {
  readonly interceptor: ServerInterceptor;
  /** The call that came with these headers. */
  admitted(metadata: Metadata): Admitted | undefined;
}

/** Decides on each call before a byte of its message is read, and sees to it that it ends. */
export function createCallGuard(options: CallGuardOptions): CallGuard {
  const { maxCallMs, gate, connectionOf, callerOf, kindOf, onThrottled, onUnfinished } = options;
  const calls = new WeakMap<Metadata, Admitted>();

  const interceptor: ServerInterceptor = ({ path }, call) => {
    let giveBack = () => {};
    let begun = false;
    let messages = 0;
    // Once true, the handler has the call.
    let handed = false;
    let unfinished = () => {};
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const end = () => {
      over = true;
      clearTimeout(timer);
      if (!begun) giveBack();
    };
    const refuse = (error: CountersignError) => {
      end();
      call.sendStatus(toStatus(error));
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        const connection = connectionOf(call.getConnectionInfo());
        if (connection === undefined) return refuse(new CountersignError('UNAVAILABLE', 'the connection has ended'));
        const caller = callerOf(connection);
        const kind = kindOf(path);
        const place = gate.admit(caller, kind);
        if (typeof place === 'string') {
          onThrottled(caller, place);
          return refuse(throttled(place));
        }
        giveBack = place;
        const latest = Date.now() + maxCallMs;
        const deadline = Math.min(Number(call.getDeadline()), latest);
        unfinished = () => {
          if (!handed && !over) onUnfinished(caller, path);
        };
        if (kind !== 'watch') {
          timer = setTimeout(() => {
            unfinished();
            refuse(new CountersignError('DEADLINE', `no call may take longer than ${maxCallMs} ms`));
          }, latest - Date.now());
        }
        next({
          onReceiveMetadata: (metadata, pass) => {
            const begin = () => {
              begun = true;
            };
            calls.set(metadata, { connection, caller, deadline, begin, done: place });
            pass(metadata);
          },
          onReceiveMessage: (message, pass) => {
            messages += 1;
            pass(message);
          },
          onReceiveHalfClose: (pass) => {
            handed = messages === 1;
            pass();
          },
          onCancel: () => {
            unfinished();
            end();
          },
        });
      },
      sendStatus: (status, next) => {
        unfinished();
        end();
        next(status);
      },
    });
  };
  return { interceptor, admitted: (metadata) => calls.get(metadata) };
}

function throttled(why: Throttle): CountersignError {
  const [code, message] =
    why === 'rate'
      ? ['CALLS_PER_SECOND', 'calls: more in a short time than one caller may make']
      : ['CALLS_IN_FLIGHT', 'calls: more at once than one caller may have under way'];
  return new CountersignError('THROTTLED', message, { reasons: [{ code, message }] });
}
