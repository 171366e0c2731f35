import type { ChainId } from '../caip.ts';

/** The lane's name: `eip155:<id>:<address in lower case>:<nonce>`. */
export function evmLaneId(chain: ChainId, address: string, nonce: bigint): string {
  return `${chain}:${address.toLowerCase()}:${nonce}`;
}
