/** How often the engine looks and how long it waits, in milliseconds. */
export interface Timing {
  /** Between two looks at a transaction in flight. */
  readonly pollMs: number;
  /** Between two sends of the same bytes. */
  readonly resendMs: number;
  /** Between two looks for waiting payouts when nobody says that there are any. */
  readonly idleMs: number;
  /** Between two looks at what was quarantined. */
  readonly quarantineMs: number;
  /** How long payouts wait that the signer's limits over time had no room for. */
  readonly limitHoldMs: number;
  readonly rpcTimeoutMs: number;
  readonly signDeadlineMs: number;
  /** The first wait after a failure, and the longest. */
  readonly backoffMs: { readonly first: number; readonly longest: number };
}

export const DEFAULT_TIMING: Timing = {
  pollMs: 1_000,
  resendMs: 5_000,
  idleMs: 5_000,
  quarantineMs: 30_000,
  limitHoldMs: 30_000,
  rpcTimeoutMs: 10_000,
  signDeadlineMs: 10_000,
  backoffMs: { first: 250, longest: 15_000 },
};
