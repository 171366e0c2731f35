import { xdr } from '@stellar/stellar-sdk/base';
import type { Attempt } from '../attempts.ts';
import type { Simulation } from '../rpc.ts';

/**
 * Percent of what a simulation measured that an envelope declares, at first and after each time that it was too little. The
 * ledger changes between the simulation and the ledger that runs the call: entries grow, a balance is there for the first
 * time. A quarter covers that for a transfer, whose work is nearly the same each time. What is declared is charged, but an
 * invocation costs mostly its writes; what the resource fee has beyond that comes back.
 */
const HEADROOM = [125n, 150n, 200n] as const;

/** For the look before anything is signed: it does not measure the signature, and one more step up has to fit. */
export const PREFLIGHT_HEADROOM = HEADROOM[1];

// On the ledger, or by the node before.
const TOO_LITTLE = new Set([
  'INVOKE_HOST_FUNCTION_RESOURCE_LIMIT_EXCEEDED',
  'INVOKE_HOST_FUNCTION_INSUFFICIENT_REFUNDABLE_FEE',
  'TX_SOROBAN_INVALID',
]);

export type Tried = Pick<Attempt, 'state' | 'outcome' | 'failedOperations'>;

/** How often envelopes of a payout declared too little. */
function timesTooLittle(attempts: readonly Tried[]): number {
  return attempts.filter(
    ({ state, outcome, failedOperations }) =>
      (state === 'failed' || state === 'superseded') &&
      [outcome ?? '', ...failedOperations.map(({ code }) => code)].some((code) => TOO_LITTLE.has(code)),
  ).length;
}

/** Whether declaring more is still left to try. */
export function canDeclareMore(attempts: readonly Tried[]): boolean {
  return timesTooLittle(attempts) < HEADROOM.length - 1;
}

/** Percent to declare next. */
export function headroomAfter(attempts: readonly Tried[]): bigint {
  return HEADROOM[Math.min(timesTooLittle(attempts), HEADROOM.length - 1)] ?? HEADROOM[0];
}

/** The resource fee in stroops. Rounded up, and so is each of the network's own terms: one stroop more for each of those. */
export function feeWithHeadroom(minResourceFee: bigint, percent: bigint): bigint {
  return scaled(minResourceFee, percent) + 10n;
}

/**
 * The simulation's resources with headroom; the footprint stays as it is, because that is what the signer holds to what the
 * transfer needs. The fee stays within `maxResourceFee` where the least one does.
 */
export function declareResources(
  { data, minResourceFee }: Extract<Simulation, { kind: 'passed' }>,
  percent: bigint,
  maxResourceFee: bigint,
): { readonly sorobanData: Uint8Array; readonly resourceFee: bigint } {
  const wanted = feeWithHeadroom(minResourceFee, percent);
  const resourceFee = wanted > maxResourceFee ? maxResourceFee : wanted;
  const { footprint, instructions, diskReadBytes, writeBytes } = data.resources;
  const more = (count: number) => Math.min(Number(scaled(BigInt(count), percent)), MAX_UINT32);
  const resources = new xdr.SorobanResources({
    footprint,
    instructions: more(instructions),
    diskReadBytes: more(diskReadBytes),
    writeBytes: more(writeBytes),
  });
  return {
    sorobanData: new xdr.SorobanTransactionData({ ext: data.ext, resources, resourceFee }).toXdr(),
    resourceFee,
  };
}

const MAX_UINT32 = 2 ** 32 - 1;

function scaled(value: bigint, percent: bigint): bigint {
  return (value * percent + 99n) / 100n;
}
