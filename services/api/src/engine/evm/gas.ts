import { RpcError } from '../json-rpc.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import type { EvmContext } from './context.ts';
import { TRANSFER_GAS } from './draft.ts';

export type Gas =
  | { readonly kind: 'limit'; readonly limit: bigint }
  /** The destination will not take it. */
  | { readonly kind: 'impossible'; readonly reason: PayoutReason }
  /** The node gives no estimate, for a reason of its own. */
  | { readonly kind: 'unknown'; readonly reason: PayoutReason };

/** More than any wallet contract needs to receive ether; a contract that asks for more is not paid. */
const MOST_GAS = 100_000n;

// What the EVM itself says when the destination's code fails (geth, erigon, nethermind, besu, reth, anvil).
const EXECUTION_FAILS =
  /revert|invalid (opcode|jump)|opcode .* not defined|out of ?gas|gas required exceeds|stack (under|over)flow/i;

/**
 * The gas limit of a transfer: 21,000 to an account without code; what the node estimates, and a fifth more, to a
 * contract, which may run code of its own.
 */
export async function gasFor(context: EvmContext, payout: Payout, how: 'by-code' | 'estimate'): Promise<Gas> {
  const { rpc, treasury } = context;
  const { destination: to, amount: value } = payout;
  if (how === 'by-code' && !(await rpc.hasCode(to))) return { kind: 'limit', limit: TRANSFER_GAS };
  let estimate: bigint;
  try {
    estimate = await rpc.estimateGas({ from: treasury.address, to, value });
  } catch (error) {
    if (!(error instanceof RpcError) || error.kind !== 'refused') throw error;
    return EXECUTION_FAILS.test(error.message)
      ? { kind: 'impossible', reason: { code: 'DESTINATION_REVERTS', detail: error.message } }
      : { kind: 'unknown', reason: { code: 'GAS_UNKNOWN', detail: error.message } };
  }
  if (estimate > MOST_GAS) {
    const detail = `the destination needs ${estimate} gas; at most ${MOST_GAS} is spent`;
    return { kind: 'impossible', reason: { code: 'GAS_ABOVE_LIMIT', detail } };
  }
  const roomy = (estimate * 6n + 4n) / 5n;
  return { kind: 'limit', limit: roomy > MOST_GAS ? MOST_GAS : roomy };
}
