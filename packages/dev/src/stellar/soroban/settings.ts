/**
 * The network settings for contracts: pubnet's limits, fees and lifetimes (stellar-core: soroban-settings/). On a
 * network a vote can change them; here they are fixed, and `perWrite1Kb` and the denominators of rent are of the right
 * size rather than read from a source. Fees in stroops, sizes in bytes, lifetimes in ledgers.
 */
export const LIMITS = {
  instructions: 100_000_000,
  diskReadEntries: 100,
  diskReadBytes: 200_000,
  writeEntries: 50,
  writeBytes: 132_096,
  footprintEntries: 100,
  keySize: 250,
  transactionSize: 132_096,
  eventsSize: 16_384,
  transactionsPerLedger: 100n,
} as const;

export const FEES = {
  perInstructionIncrement: 25n,
  perDiskReadEntry: 6_250n,
  perWriteEntry: 10_000n,
  perDiskRead1Kb: 1_786n,
  perWrite1Kb: 3_500n,
  perHistorical1Kb: 16_235n,
  perEvent1Kb: 10_000n,
  perTransactionSize1Kb: 1_624n,
} as const;

/** Rent for a kilobyte is `per1Kb / denominator` a ledger; `per1Kb` is the least that the network's curve gives. */
export const RENT = {
  per1Kb: 1_000n,
  persistentDenominator: 1_215n,
  temporaryDenominator: 2_430n,
} as const;

export const LIFETIMES = {
  minTemporary: 17_280,
  minPersistent: 2_073_600,
  max: 3_110_400,
} as const;

/**
 * What an invocation is taken to cost in instructions. Nothing is metered here: there is no virtual machine. The figures
 * are of the size of the network's, where checking an Ed25519 signature alone costs 377,551.
 */
export const INSTRUCTIONS = {
  transfer: 160_000,
  addressAuthorization: 40_000,
  signature: 380_000,
} as const;
