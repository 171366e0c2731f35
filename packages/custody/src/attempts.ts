import { setTimeout as pause } from 'node:timers/promises';
import type { Attempt } from './backend.ts';
import { beforeAbort } from './before-abort.ts';
import type { CircuitBreaker, Ending } from './circuit-breaker.ts';
import { CustodyError } from './error.ts';
import type { Quota } from './quota.ts';

/** What one call of a backend came to. Calls answer with a failure; they do not throw. */
export type CallResult<T> = { readonly ok: true; readonly value: T; readonly requestId?: string } | CallFailure;

export interface CallFailure {
  readonly ok: false;
  /** The backend's own name of the error. */
  readonly errorCode: string;
  /** Safe to log: cleaned, and never a secret. */
  readonly message: string;
  readonly retryable: boolean;
  /** Nobody answered, or the answer was that the backend itself is in trouble; a single key's trouble is not. */
  readonly down?: boolean;
  /** It failed on this side, before the backend was asked: no sign of whether that is up. */
  readonly unasked?: boolean;
  readonly requestId?: string;
  readonly cause?: unknown;
}

export interface RetryRule {
  /** Calls in all, the first one counted. */
  readonly mostCalls: number;
  /** The pause before the second call is drawn from these bounds, ms; they double with each further call. */
  readonly pauseMs: readonly [least: number, most: number];
}

const RETRY_RULE: RetryRule = { mostCalls: 4, pauseMs: [20, 60] };

/** Shared by all calls to one backend. */
export interface Gate {
  readonly quota: Quota;
  readonly circuit: CircuitBreaker;
}

export interface AttemptRules {
  readonly retry?: RetryRule | undefined;
  readonly gate?: Gate | undefined;
}

/**
 * Calls until it succeeds, until the error is not worth another call, or until the signal says that time is up. Every
 * call leaves an attempt, also the one that the deadline cut off; a call that the gate does not let through is none.
 * @throws CustodyError `UNAVAILABLE` or `REFUSED`, with the attempts
 */
export async function withAttempts<T>(
  backend: string,
  signal: AbortSignal,
  call: () => Promise<CallResult<T>>,
  { retry = RETRY_RULE, gate }: AttemptRules = {},
): Promise<{ readonly value: T; readonly attempts: readonly Attempt[] }> {
  const attempts: Attempt[] = [];
  const failed = (code: 'UNAVAILABLE' | 'REFUSED', why: string, cause?: unknown) =>
    new CustodyError(code, `${backend}: ${why} (attempts: ${attempts.length})`, { attempts, cause });

  for (let number = 1; !signal.aborted; number++) {
    // Without a gate the first call is made before anything is awaited: no key is closed in between.
    const pass = gate === undefined ? freely : await passAt(gate, signal);
    if (pass === 'no turn') throw failed('UNAVAILABLE', 'no turn under the quota before the deadline', signal.reason);
    if (pass === 'down') throw failed('UNAVAILABLE', 'it is down, and will be asked again in a while');
    const startedAt = new Date();
    const start = performance.now();
    let result: CallResult<T> | undefined;
    try {
      result = await beforeAbort(call(), signal);
    } finally {
      // A call that throws, against its contract, must not leave the circuit waiting for the end of its trial.
      pass(endingOf(result));
    }
    const seen = { backend, startedAt, durationMs: performance.now() - start, ...requestIdOf(result) };
    if (result?.ok) {
      attempts.push({ ...seen, outcome: 'succeeded' });
      return { value: result.value, attempts };
    }
    attempts.push({ ...seen, outcome: 'failed', errorCode: result?.errorCode ?? 'DEADLINE' });
    if (result === undefined) break;
    if (!result.retryable) throw failed('REFUSED', result.message, result.cause);
    if (number >= retry.mostCalls) throw failed('UNAVAILABLE', result.message, result.cause);
    await pauseAfter(number, retry, signal);
  }
  throw failed('UNAVAILABLE', 'no answer before the deadline', signal.reason);
}

const freely: Pass = () => {};

type Pass = NonNullable<ReturnType<CircuitBreaker['enter']>>;

async function passAt({ quota, circuit }: Gate, signal: AbortSignal): Promise<Pass | 'down' | 'no turn'> {
  if (!circuit.admits) return 'down';
  if (!(await quota.take(signal))) return signal.aborted ? 'no turn' : 'down';
  return circuit.enter() ?? 'down';
}

/** A call that the caller's deadline cut off says nothing: it may have begun a moment before. */
function endingOf(result: CallResult<unknown> | undefined): Ending {
  if (result === undefined) return 'unknown';
  if (result.ok) return 'up';
  if (result.unasked === true) return 'unknown';
  return result.down === true ? 'down' : 'up';
}

/** Jitter over the whole range keeps replicas that failed together from coming back together. */
async function pauseAfter(number: number, rule: RetryRule, signal: AbortSignal): Promise<void> {
  const [least, most] = rule.pauseMs;
  const ms = (least + Math.random() * (most - least)) * 2 ** (number - 1);
  await pause(ms, undefined, { signal }).catch(() => undefined);
}

function requestIdOf(result: { readonly requestId?: string } | undefined): { readonly requestId?: string } {
  return result?.requestId === undefined ? {} : { requestId: result.requestId };
}
