import type { StellarChainConfig, StellarTreasury } from '../../config/chains.ts';
import type { EngineContext } from '../context.ts';
import type { StellarRpc } from './rpc.ts';

/** What a step on a Stellar treasury needs. */
export interface StellarContext extends EngineContext {
  readonly chain: StellarChainConfig;
  readonly treasury: StellarTreasury;
  readonly rpc: StellarRpc;
}

export function intakeUnit(chain: string, keyId: string): string {
  return `stellar-intake ${chain} ${keyId}`;
}

export function channelUnit(chain: string, channel: string): string {
  return `stellar-channel ${chain} ${channel}`;
}
