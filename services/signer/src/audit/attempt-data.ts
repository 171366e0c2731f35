import type { Attempt } from '@countersign/custody/backend';

/** One call to a key backend, as events tell of it. */
export function attemptData({ backend, requestId, startedAt, durationMs, outcome, errorCode }: Attempt) {
  return {
    backend,
    startedAt: startedAt.toISOString(),
    durationMicroseconds: Math.round(durationMs * 1000),
    outcome,
    ...(requestId === undefined ? {} : { requestId }),
    ...(errorCode === undefined ? {} : { errorCode }),
  };
}
