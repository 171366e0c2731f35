import type { EvmChainConfig, EvmTreasury } from '../../config/chains.ts';
import type { EngineContext } from '../context.ts';
import type { EvmRpc } from './rpc.ts';

/** What a step on an EVM treasury needs. */
export interface EvmContext extends EngineContext {
  readonly chain: EvmChainConfig;
  readonly treasury: EvmTreasury;
  readonly rpc: EvmRpc;
}

export function accountUnit(chain: string, address: string): string {
  return `evm-account ${chain} ${address}`;
}
