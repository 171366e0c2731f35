import type { EvmContext } from './context.ts';
import { DEFAULT_TIP, type Market } from './fees.ts';

/** What the node knows of the chain and of the account, at one look. */
export interface ChainView {
  readonly latest: bigint;
  /** The newest block that counts as final. */
  readonly finalized: bigint;
  /** How many nonces of the account the newest block has used up. */
  readonly usedUp: bigint;
  readonly market: Market;
}

export async function viewChain({ rpc, chain, treasury }: EvmContext): Promise<ChainView> {
  const { finality } = chain;
  const [{ number: latest, baseFee }, tagged, usedUp, tip] = await Promise.all([
    rpc.latestBlock(),
    finality === 'finalized' ? rpc.finalizedNumber() : undefined,
    rpc.transactionCount(treasury.address, 'latest'),
    rpc.suggestedTip(),
  ]);
  const deep = finality === 'finalized' ? 0n : BigInt(finality);
  const finalized = tagged ?? (latest > deep ? latest - deep : 0n);
  return { latest, finalized, usedUp, market: { baseFee, tip: tip ?? DEFAULT_TIP } };
}
