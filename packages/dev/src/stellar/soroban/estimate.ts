import {
  type HostFunction,
  InvokeHostFunctionOp,
  type LedgerFootprint,
  OperationBody,
  type SorobanAuthorizationEntry,
} from '@stellar/stellar-sdk/xdr';

/**
 * Bytes of the largest envelope around an invocation, without the operation's body and the footprint: muxed sources, all
 * preconditions, a memo of 32 bytes and 20 signatures (soroban-simulation: resources.rs).
 */
const LARGEST_ENVELOPE = 1_888;

/** The size for which a simulation calculates the fee. */
export function estimatedSize(
  hostFunction: HostFunction,
  auth: readonly SorobanAuthorizationEntry[],
  footprint: LedgerFootprint,
): number {
  const body = OperationBody.invokeHostFunction(new InvokeHostFunctionOp({ hostFunction, auth: [...auth] }));
  return adjusted(LARGEST_ENVELOPE + body.toXdr().length + footprint.toXdr().length, 1.1, 500);
}

/** Instructions with the headroom that Stellar RPC adds, or more if it is asked for. */
export function adjustedInstructions(instructions: number, leeway: number): number {
  return adjusted(instructions, 1.02, Math.max(50_000, leeway));
}

/** The refundable fee with headroom, stroops. */
export function adjustedRefundableFee(fee: bigint): bigint {
  return (fee * 115n) / 100n;
}

function adjusted(value: number, factor: number, summand: number): number {
  return Math.max(value + summand, Math.floor(value * factor));
}
