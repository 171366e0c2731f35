import { Asset } from '@stellar/stellar-sdk/base';
import { getContractAddress } from 'viem';
import type { StackKeys } from './keys.ts';
import { EVM, STELLAR } from './networks.ts';

/** What the stack's token amounts have behind the point, on both chains. */
export const USDC_DECIMALS = { stellar: 7, evm: 6 } as const;

/** The USDC of the dev ledger: an asset of the stack's own issuer. */
export function stellarUsdc({ issuer }: Pick<StackKeys, 'issuer'>): Asset {
  return new Asset('USDC', issuer.publicKey());
}

/** Where the ERC-20 token will be: the first contract that its deployer creates. EIP-55. */
export function evmTokenAddress({ tokenDeployer }: Pick<StackKeys, 'tokenDeployer'>): string {
  return getContractAddress({ from: tokenDeployer, nonce: 0n });
}

/** The assets that the stack pays, by CAIP-19 id. */
export interface StackAssets {
  readonly xlm: string;
  /** Paid to an account as a payment, to a contract by the asset's contract (SEP-41). */
  readonly stellarUsdc: string;
  readonly eth: string;
  readonly evmUsdc: string;
}

export function assetsOf(keys: Pick<StackKeys, 'issuer' | 'tokenDeployer'>): StackAssets {
  return {
    xlm: STELLAR.nativeAsset,
    stellarUsdc: `${STELLAR.chain}/asset:USDC-${keys.issuer.publicKey()}`,
    eth: EVM.nativeAsset,
    evmUsdc: `${EVM.chain}/erc20:${evmTokenAddress(keys)}`,
  };
}
