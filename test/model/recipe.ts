import { assetsOf } from '@countersign/dev/assets';
import { ETH, XLM } from '../harness/requests.ts';
import type { Account, World } from './world.ts';

/** A payout of the account's own asset on the rail: lumens, USDC by its contract, ether. */
export interface PaidOut {
  readonly id: string;
  readonly destination: string;
  readonly amount: bigint;
}

/** What a transaction is made of: another recipe makes other bytes, the same one the same. */
export type Recipe =
  | {
      readonly rail: 'classic';
      readonly account: Account;
      readonly channel: string;
      readonly sequence: bigint;
      readonly fee: bigint;
      readonly payouts: readonly PaidOut[];
    }
  | {
      readonly rail: 'authorization';
      readonly account: Account;
      readonly payout: PaidOut;
      readonly expiration: number;
    }
  | {
      readonly rail: 'envelope';
      readonly account: Account;
      readonly payout: PaidOut;
      readonly expiration: number;
      /** The signed entry. */
      readonly entry: Uint8Array;
      readonly channel: string;
      readonly sequence: bigint;
      readonly fee: bigint;
    }
  | {
      readonly rail: 'evm';
      readonly account: Account;
      readonly nonce: bigint;
      readonly lowestOpen: bigint;
      readonly maxFeePerGas: bigint;
      /** None in a cancel. */
      readonly payout: PaidOut | undefined;
    };

export type Of<Rail> = Extract<Recipe, { readonly rail: Rail }>;

export const LANE_WIDTH = 1024n;
export const GAS = 21_000n;

export function payoutsOf(recipe: Recipe): readonly PaidOut[] {
  if (recipe.rail === 'classic') return recipe.payouts;
  return recipe.payout === undefined ? [] : [recipe.payout];
}

export function assetOf({ keys }: Pick<World, 'keys'>, { rail }: Recipe): string {
  switch (rail) {
    case 'classic':
      return XLM;
    case 'evm':
      return ETH;
    default:
      return assetsOf(keys).stellarUsdc;
  }
}

/** What the chain consumes once for all transactions of a payout; in this model's own words. */
export function laneOf(recipe: Recipe): string {
  switch (recipe.rail) {
    case 'classic':
      return `range ${(recipe.sequence - 1n) / LANE_WIDTH} of ${recipe.channel}`;
    case 'evm':
      return `nonce ${recipe.nonce} of ${recipe.account.address}`;
    default:
      return `authorization ${recipe.payout.id} of ${recipe.account.address}`;
  }
}

/** Where a fee is taken once, and the most that it can be. */
export function feeOf(recipe: Recipe): { readonly item: string; readonly most: bigint } | undefined {
  switch (recipe.rail) {
    case 'authorization':
      return undefined;
    case 'evm':
      return { item: `nonce ${recipe.nonce}`, most: GAS * recipe.maxFeePerGas };
    default:
      return { item: `${recipe.channel} ${recipe.sequence}`, most: recipe.fee };
  }
}
