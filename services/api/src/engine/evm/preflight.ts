import { parseTransaction, toHex } from 'viem/utils';
import { RpcError } from '../json-rpc.ts';
import type { PayoutReason } from '../move-payouts.ts';
import type { Payout } from '../payouts.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { type Draft, tokenOf } from './draft.ts';
import { coinGas, estimatedGas, type Gas, gasOfRefusal } from './gas.ts';
import type { EvmCall } from './rpc.ts';
import type { EvmLog } from './rpc-answers.ts';
import { otherDecimals } from './token-decimals.ts';
import { judgeTransfers } from './transfer-logs.ts';

/** What a node returns for a call that returns `true`, and for one that returns nothing, as some tokens do. */
const SAYS_YES: readonly string[] = [`0x${'1'.padStart(64, '0')}`, '0x'];

type Doubt = Exclude<Gas, { kind: 'limit' }>;

/**
 * Asks the node, before anything is signed, whether the very transaction that is to be signed would pay, and how much gas it
 * needs. A node that cannot simulate tells less: that a token keeps a part for itself then shows in the receipt alone. All of
 * it is asked at the newest block that was seen: a node behind that has no answer, where an old one would end the payout.
 */
export async function preflight(
  context: EvmContext,
  { latest }: Pick<ChainView, 'latest'>,
  payout: Payout,
  draft: Draft,
): Promise<Gas> {
  const call = callOf(context, draft);
  const token = tokenOf(payout);
  if (token === undefined) return coinGas(context, call, latest);
  // A call to an address without code succeeds, and pays nothing.
  if (!(await context.rpc.hasCode(token, latest))) {
    return impossible('TOKEN_HAS_NO_CODE', `there is no contract at ${token}`);
  }
  const told = await otherDecimals(context, token, payout, latest);
  if (told !== undefined) {
    const detail = `the payout was accepted with ${payout.decimals} decimals; the token says ${told}`;
    return impossible('DECIMALS_DIFFER', detail);
  }
  const [returned, moved, gas] = await Promise.all([
    doubtReturned(context, call, latest),
    doubtMoved(context, call, latest, payout, token),
    estimatedGas(context, call, latest),
  ]);
  return returned ?? moved ?? gas;
}

/** What the transaction does, as an unsigned call. */
export function callOf({ treasury }: EvmContext, { unsigned }: Pick<Draft, 'unsigned'>): EvmCall {
  const { to, value, data } = parseTransaction(toHex(unsigned));
  if (typeof to !== 'string') throw new Error('a transaction without a recipient');
  return { from: treasury.address, to, ...(value !== undefined && { value }), ...(data !== undefined && { data }) };
}

async function doubtReturned({ rpc }: EvmContext, call: EvmCall, block: bigint): Promise<Doubt | undefined> {
  try {
    const returned = await rpc.call(call, block);
    if (SAYS_YES.includes(returned)) return undefined;
    return impossible('TOKEN_RETURNS_FALSE', `transfer returns ${returned}`);
  } catch (error) {
    return gasOfRefusal(error, 'TRANSFER_REVERTS', 'SIMULATION_UNKNOWN');
  }
}

async function doubtMoved(
  { rpc, treasury }: EvmContext,
  call: EvmCall,
  block: bigint,
  { destination: to, amount: value }: Payout,
  token: string,
): Promise<Doubt | undefined> {
  let logs: readonly EvmLog[] | undefined;
  try {
    logs = await rpc.simulatedLogs(call, block);
  } catch (error) {
    // However the node fails at this, it may do all the rest: only payouts in tokens wait.
    if (!(error instanceof RpcError)) throw error;
    return { kind: 'unknown', reason: { code: 'SIMULATION_UNKNOWN', detail: error.message } };
  }
  if (logs === undefined) return undefined;
  const verdict = judgeTransfers(logs, { token, from: treasury.address, to, value }, 'all');
  if (verdict.kind === 'exact') return undefined;
  const found = verdict.kind === 'missing' ? 'none' : verdict.found;
  return impossible('TRANSFER_DIFFERS', `the token would log other transfers than ${value} to ${to}: ${found}`);
}

function impossible(code: string, detail: string): { readonly kind: 'impossible'; readonly reason: PayoutReason } {
  return { kind: 'impossible', reason: { code, detail } };
}
