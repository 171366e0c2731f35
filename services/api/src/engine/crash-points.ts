/** Every boundary at which the process may die; the engine goes on from what is stored. In the order of a payout's way. */
export const CRASH_POINTS = [
  // Stellar
  'stellar.intake.planned',
  'stellar.attempt.uncommitted',
  'stellar.attempt.stored',
  'stellar.sign.asked',
  'stellar.sign.answered',
  'stellar.signed.uncommitted',
  'stellar.signed.stored',
  'stellar.submit.answered',
  'stellar.submit.stored',
  'stellar.result.seen',
  'stellar.result.uncommitted',
  'stellar.result.stored',
  'stellar.expiry.proven',
  'stellar.expiry.stored',
  // Stellar, of payouts by contract call alone; their envelopes pass the points above from stellar.attempt.uncommitted on
  'soroban.preflight.done',
  'soroban.authorization.uncommitted',
  'soroban.authorization.stored',
  'soroban.authorization.asked',
  'soroban.authorization.answered',
  'soroban.authorization.signed.uncommitted',
  'soroban.authorization.signed.stored',
  'soroban.envelope.planned',
  'soroban.expiry.proven',
  'soroban.expiry.uncommitted',
  'soroban.expiry.stored',
  // EVM
  'evm.intake.planned',
  'evm.attempt.uncommitted',
  'evm.attempt.stored',
  'evm.sign.asked',
  'evm.sign.answered',
  'evm.signed.uncommitted',
  'evm.signed.stored',
  'evm.submit.answered',
  'evm.submit.stored',
  'evm.receipt.seen',
  'evm.receipt.stored',
  'evm.final.seen',
  'evm.final.uncommitted',
  'evm.final.stored',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** What tests put between two steps. */
export interface EngineHooks {
  at(point: CrashPoint): void | Promise<void>;
}

export const NO_HOOKS: EngineHooks = { at: () => undefined };
