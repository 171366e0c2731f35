import { RpcError } from '../json-rpc.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { EvmContext } from './context.ts';
import { TRANSFER_GAS } from './draft.ts';
import type { EvmCall } from './rpc.ts';

export type Gas =
  | { readonly kind: 'limit'; readonly limit: bigint }
  /** It would not pay. */
  | { readonly kind: 'impossible'; readonly reason: PayoutReason }
  /** The node does not tell, for a reason of its own. */
  | { readonly kind: 'unknown'; readonly reason: PayoutReason };

interface Bounds {
  /** No transfer that needs more is paid. */
  readonly most: bigint;
  /** Beyond a fifth more than the estimate. */
  readonly spare: bigint;
  /** The reason when the call fails. */
  readonly fails: string;
}

// More than any wallet contract needs to receive ether.
const COIN: Bounds = { most: 100_000n, spare: 0n, fails: 'DESTINATION_REVERTS' };
// Tokens behind proxies and with books of their own need up to 200,000. The spare: by the time that it is mined, the
// destination may have spent all it had, and a balance that was zero costs a new storage slot (EIP-2200).
const TOKEN: Bounds = { most: 300_000n, spare: 20_000n, fails: 'TRANSFER_REVERTS' };

// What the EVM itself says when code fails (geth, erigon, nethermind, besu, reth, anvil).
const EXECUTION_FAILS =
  /revert|invalid (opcode|jump)|opcode .* not defined|out of ?gas|gas required exceeds|stack (under|over)flow/i;

/** The gas limit of a transfer of ether: 21,000 to an account without code; estimated to a contract, which may run it. */
export async function coinGas(context: EvmContext, call: EvmCall, block: bigint): Promise<Gas> {
  if (!(await context.rpc.hasCode(call.to, block))) return { kind: 'limit', limit: TRANSFER_GAS };
  return estimatedGas(context, call, block);
}

/** A limit with room beyond what the node estimates. A call with data is a token's. */
export async function estimatedGas({ rpc }: EvmContext, call: EvmCall, block: bigint): Promise<Gas> {
  const { most, spare, fails } = call.data === undefined ? COIN : TOKEN;
  let estimate: bigint;
  try {
    estimate = await rpc.estimateGas(call, block);
  } catch (error) {
    return gasOfRefusal(error, fails, 'GAS_UNKNOWN');
  }
  if (estimate > most) {
    const detail = `the transfer needs ${estimate} gas; at most ${most} is spent`;
    return { kind: 'impossible', reason: { code: 'GAS_ABOVE_LIMIT', detail } };
  }
  const roomy = (estimate * 6n + 4n) / 5n + spare;
  return { kind: 'limit', limit: roomy > most ? most : roomy };
}

/**
 * Reads why the node answered with an error: `fails` where the code that was run failed, `unclear` where the node has
 * another reason.
 *
 * @throws the error where it is not the node's answer.
 */
export function gasOfRefusal(error: unknown, fails: string, unclear: string): Exclude<Gas, { kind: 'limit' }> {
  if (!(error instanceof RpcError) || error.kind !== 'refused') throw error;
  const detail = error.message;
  return EXECUTION_FAILS.test(detail)
    ? { kind: 'impossible', reason: { code: fails, detail } }
    : { kind: 'unknown', reason: { code: unclear, detail } };
}
