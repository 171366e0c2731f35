import { encodeFunctionData, erc20Abi } from 'viem';
import { RpcError } from '../json-rpc.ts';
import type { Payout } from '../payouts.ts';
import type { EvmContext } from './context.ts';

/**
 * What a token says of its decimals where the payout was accepted with others: its amount was then read in the wrong unit, by a
 * power of ten. Undefined where they agree, or where the token does not say: EIP-20 does not demand it.
 */
export async function otherDecimals(
  { rpc, treasury }: EvmContext,
  token: string,
  { decimals }: Pick<Payout, 'decimals'>,
  block: bigint,
): Promise<bigint | undefined> {
  const data = encodeFunctionData({ abi: erc20Abi, functionName: 'decimals' });
  let returned: string;
  try {
    returned = await rpc.call({ from: treasury.address, to: token, data }, block);
  } catch (error) {
    if (error instanceof RpcError && error.kind === 'refused') return undefined;
    throw error;
  }
  if (!/^0x[0-9a-f]{64}$/.test(returned)) return undefined;
  const said = BigInt(returned);
  return said === BigInt(decimals) ? undefined : said;
}
