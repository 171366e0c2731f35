import { erc20Asset } from '@countersign/chains/caip';
import { callToken, compileToken, deployToken, mint, type TokenName } from '@countersign/dev/tokens';
import { beforeAll } from '@jest/globals';
import { erc20Abi } from 'viem';
import type { WantedPayout } from './database.ts';
import type { EvmWorld } from './evm-world.ts';

/** A token on the world's chain, of which the treasury has some. */
export interface EvmToken {
  readonly address: `0x${string}`;
  /** CAIP-19. */
  readonly asset: string;
  want(destination: string, amount: bigint): WantedPayout;
  balance(address: string): Promise<bigint>;
  /** Gives the treasury more. */
  mint(amount: bigint): Promise<void>;
  /** Has a holder transfer some of what it has, and mines a block with it. */
  move(from: string, to: string, amount: bigint): Promise<void>;
  /** Calls a function of the contract, and mines a block with the call. */
  call(functionName: string, ...args: readonly unknown[]): Promise<void>;
}

// Of every token there.
const DECIMALS = 6;

/** Compiles the tokens before the tests of a file: it takes seconds, once. */
export function useEvmTokens(): void {
  beforeAll(() => compileToken('PlainToken'));
}

/** Creates the token and gives the treasury `amount` of it. Mines blocks. */
export async function startEvmToken(world: EvmWorld, name: TokenName, amount: bigint): Promise<EvmToken> {
  const token = await deployToken(world.url, name);
  const asset = erc20Asset(world.chain.chain, token.address);
  const give = (more: bigint) => mint(world.url, token, world.address, more);
  if (amount > 0n) await give(amount);
  return {
    address: token.address,
    asset,
    want: (destination, wanted) => ({ ...world.want(destination, wanted), asset, decimals: DECIMALS }),
    balance: (address) =>
      world.client.readContract({
        address: token.address,
        abi: erc20Abi,
        functionName: 'balanceOf',
        args: [address as `0x${string}`],
      }),
    mint: give,
    move: (from, to, moved) => callToken(world.url, token, 'transfer', [to, moved], from),
    call: (functionName, ...args) => callToken(world.url, token, functionName, args),
  };
}
