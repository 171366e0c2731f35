import { FEES, RENT } from './settings.ts';

/** What a transaction declares or uses of the network (soroban-env-host: fees.rs). Sizes in bytes. */
export interface Resources {
  readonly instructions: number;
  readonly diskReadEntries: number;
  readonly diskReadBytes: number;
  readonly writeEntries: number;
  readonly writeBytes: number;
  readonly transactionSize: number;
}

/** Stroops for so much of each. */
export type Prices = { readonly [K in keyof typeof FEES]: bigint };
export type RentPrices = Pick<Prices, 'perWriteEntry' | 'perWrite1Kb'> & { readonly [K in keyof typeof RENT]: bigint };

const RESULT_SIZE = 300;
const TTL_ENTRY_SIZE = 48n;

/** The part of the resource fee that is never given back, stroops. */
export function nonRefundableFee(resources: Resources, prices: Prices = FEES): bigint {
  const size = BigInt(resources.transactionSize);
  return (
    perIncrement(BigInt(resources.instructions), prices.perInstructionIncrement, 10_000n) +
    prices.perDiskReadEntry * BigInt(resources.diskReadEntries) +
    prices.perWriteEntry * BigInt(resources.writeEntries) +
    perKilobyte(BigInt(resources.diskReadBytes), prices.perDiskRead1Kb) +
    perKilobyte(BigInt(resources.writeBytes), prices.perWrite1Kb) +
    perKilobyte(size + BigInt(RESULT_SIZE), prices.perHistorical1Kb) +
    perKilobyte(size, prices.perTransactionSize1Kb)
  );
}

/** For the events and the return value, stroops. */
export function eventsFee(bytes: number, prices: Prices = FEES): bigint {
  return perKilobyte(BigInt(bytes), prices.perEvent1Kb);
}

/** How an entry with a lifetime was changed; a new or restored entry was of no size and lived until 0. */
export interface RentChange {
  readonly persistent: boolean;
  readonly before: { readonly size: number; readonly until: number };
  readonly after: { readonly size: number; readonly until: number };
}

/** For longer lives and for more room, stroops. */
export function rentFee(
  changes: readonly RentChange[],
  ledgerSequence: number,
  prices: RentPrices = { ...FEES, ...RENT },
): bigint {
  const extended = BigInt(changes.filter(({ before, after }) => before.until < after.until).length);
  const rents = changes.map((change) => rentOf(change, ledgerSequence, prices));
  return (
    rents.reduce((sum, rent) => sum + rent, 0n) +
    prices.perWriteEntry * extended +
    perKilobyte(TTL_ENTRY_SIZE * extended, prices.perWrite1Kb)
  );
}

function rentOf({ persistent, before, after }: RentChange, ledgerSequence: number, prices: RentPrices): bigint {
  const isNew = before.size === 0 && before.until === 0;
  const rent = (size: number, ledgers: number) =>
    perIncrement(
      BigInt(size) * BigInt(ledgers),
      prices.per1Kb,
      1024n * (persistent ? prices.persistentDenominator : prices.temporaryDenominator),
    );
  const paidUntil = isNew ? ledgerSequence - 1 : before.until;
  const longer = after.until > paidUntil ? rent(after.size, after.until - paidUntil) : 0n;
  const grown = !isNew && after.size > before.size && before.until >= ledgerSequence;
  return grown ? longer + rent(after.size - before.size, before.until - ledgerSequence + 1) : longer;
}

function perKilobyte(bytes: bigint, rate: bigint): bigint {
  return perIncrement(bytes, rate, 1024n);
}

function perIncrement(amount: bigint, rate: bigint, increment: bigint): bigint {
  return (amount * rate + increment - 1n) / increment;
}
