import { type AssetId, nativeAsset, parseAssetId } from '@countersign/chains/caip';
import { encodeFunctionData, erc20Abi } from 'viem';
import { RpcError } from '../json-rpc.ts';
import type { ChainView } from './chain-view.ts';
import type { EvmContext } from './context.ts';
import { TRANSFER_GAS } from './draft.ts';
import type { OpenNonce } from './nonces.ts';
import { type Funds, underfunded, waitingAssets } from './waiting.ts';

export interface Purse {
  /** Wei: what no transaction in flight can still take. */
  readonly wei: bigint;
  /** One entry for each asset that a payout waits in. */
  readonly funds: readonly Funds[];
}

/** A word: as much as any amount can be. */
const ANY = 2n ** 256n - 1n;

/**
 * Looks what there is to pay with: for each asset on its own, and in the chain's coin for the gas of all. All at one block: a
 * transfer counts as in flight where the balance of that block still has its money.
 */
export async function openPurse(
  context: EvmContext,
  view: ChainView,
  open: readonly OpenNonce[],
  maxFeePerGas: bigint,
): Promise<Purse> {
  const { rpc, treasury, chain } = context;
  const block = view.latest;
  const [usedUp, balance] = await Promise.all([
    rpc.transactionCount(treasury.address, block),
    rpc.balance(treasury.address, block),
  ]);
  const inFlight = open.filter(({ nonce }) => nonce >= usedUp);
  const wei = balance - weiInFlight(inFlight);
  const coin = nativeAsset(chain.chain);
  // Before anything else: the node's estimate would fail for want of funds.
  const beyondGas = wei - TRANSFER_GAS * maxFeePerGas;
  const assets = await waitingAssets(context);
  const funds = assets.map(async (asset): Promise<Funds> => {
    if (asset === coin || beyondGas < 0n) return { asset, most: beyondGas, lack: underfunded(coin) };
    return tokenFunds(context, block, inFlight, asset);
  });
  return { wei, funds: await Promise.all(funds) };
}

async function tokenFunds(
  context: EvmContext,
  block: bigint,
  inFlight: readonly OpenNonce[],
  asset: AssetId,
): Promise<Funds> {
  const parsed = parseAssetId(asset);
  if (parsed.kind !== 'erc20') throw new Error(`${asset}: not an asset of this chain`);
  const held = await balanceOf(context, block, parsed.contract);
  if (held !== undefined) return { asset, most: held - tokensInFlight(inFlight, asset), lack: underfunded(asset) };
  // Without a contract nothing is ever paid: the look at each payout ends it.
  if (!(await context.rpc.hasCode(parsed.contract, block))) return { asset, most: ANY, lack: underfunded(asset) };
  const lack = { code: 'TOKEN_BALANCE_UNKNOWN', detail: `${parsed.contract} does not tell what the treasury has` };
  return { asset, most: -1n, lack };
}

/** Undefined where the answer is none. */
async function balanceOf({ rpc, treasury }: EvmContext, block: bigint, token: string): Promise<bigint | undefined> {
  const { address } = treasury;
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'balanceOf', args: [address as `0x${string}`] });
  try {
    const returned = await rpc.call({ from: address, to: token, data }, block);
    return /^0x[0-9a-f]{64}$/.test(returned) ? BigInt(returned) : undefined;
  } catch (error) {
    if (error instanceof RpcError && error.kind === 'refused') return undefined;
    throw error;
  }
}

/** What transactions in flight can still take: of each nonce, the dearest that may be signed. A cancel may lose to its payout. */
function weiInFlight(inFlight: readonly OpenNonce[]): bigint {
  let sum = 0n;
  for (const { attempts } of inFlight) {
    let dearest = 0n;
    for (const { state, value, gasLimit, fees } of attempts) {
      const cost = value + gasLimit * fees.maxFeePerGas;
      if (state !== 'refused' && cost > dearest) dearest = cost;
    }
    sum += dearest;
  }
  return sum;
}

/** Also where a cancel has been signed: either may win. */
function tokensInFlight(inFlight: readonly OpenNonce[], asset: AssetId): bigint {
  return inFlight.filter(({ payout }) => payout.asset === asset).reduce((sum, { payout }) => sum + payout.amount, 0n);
}
