import { Purpose } from '@countersign/contract/signer';
import { decodeFunctionData, erc20Abi } from 'viem';
import { z } from 'zod';
import { demand } from '../target.ts';
import { KEYS } from '../world.ts';
import { ASSETS, canonical, lower, type Paid } from './paid.ts';
import { readByViem } from './read-by-viem.ts';

/** What an unsigned transaction pays; nothing for a cancel, which does nothing else. */
export function paidOnEvm(unsigned: Uint8Array, purpose: Purpose): Paid[] {
  const { chainId, to, value = 0n, data, gas = 0n, maxFeePerGas = 0n, accessList } = readByViem(unsigned);
  demand(chainId === 31_337n && (accessList ?? []).length === 0, `on ${chainId}`);
  demand(gas <= 100_000n && maxFeePerGas <= 500_000_000_000n, `gas ${gas} at ${maxFeePerGas}`);
  if (purpose === Purpose.CANCEL) {
    demand(
      lower(to ?? '') === lower(KEYS.evm.address) && value === 0n && data === undefined,
      'a cancel that does more',
    );
    return [];
  }
  if (data === undefined) return [{ destination: lower(to ?? ''), asset: ASSETS.eth, amount: value, memo: 'none' }];
  const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data });
  demand(functionName === 'transfer' && value === 0n && data.length === 2 + 2 * 68, `calls ${functionName}`);
  const [destination, amount] = z.tuple([z.string(), z.bigint()]).parse(args);
  const asset = canonical(`eip155:31337/erc20:${to}`);
  return [{ destination: lower(destination), asset, amount, memo: 'none' }];
}
