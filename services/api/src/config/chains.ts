import type { Asset, ChainId } from '@countersign/chains/caip';

/** What CHAINS_FILE says: the chains that payouts run on, their nodes, and the treasuries that pay on them. */
export interface ChainsConfig {
  readonly chains: readonly ChainConfig[];
}

export type ChainConfig = StellarChainConfig | EvmChainConfig;

/** An asset that payouts may be in, with the number of fraction digits of its smallest unit. */
export type ConfiguredAsset = Asset & { readonly decimals: number };

export interface StellarChainConfig {
  readonly kind: 'stellar';
  readonly chain: ChainId;
  readonly networkPassphrase: string;
  readonly rpcUrl: string;
  /** The native one is always there, and first. */
  readonly assets: readonly ConfiguredAsset[];
  /** Never empty; the first is the default payer. */
  readonly treasuries: readonly StellarTreasury[];
}

export interface StellarTreasury {
  /** Key id, as the signer knows it. */
  readonly key: string;
  /** G…: the source of every payment. */
  readonly account: string;
  /** G…: the sources of the transactions. */
  readonly channels: readonly string[];
  /** Stroops an operation, offered at first. */
  readonly inclusionFee: bigint;
  /** Stroops an operation, at most. */
  readonly maxInclusionFee: bigint;
  /** How long an envelope may be included: maxTime is this far after its building. */
  readonly lifetimeSeconds: number;
  /** Where it pays by contract calls too: tokens of SEP-41, and payouts to contracts. */
  readonly soroban?: SorobanTerms;
}

export interface SorobanTerms {
  /** How many ledgers after its building an authorization may be used. */
  readonly authorizationLedgers: bigint;
  /** Stroops a transaction, at most, beside the inclusion fee. */
  readonly maxResourceFee: bigint;
}

export interface EvmChainConfig {
  readonly kind: 'evm';
  readonly chain: ChainId;
  readonly chainId: bigint;
  readonly rpcUrl: string;
  /** The node's `finalized` tag, or a depth in blocks where the chain has none. */
  readonly finality: 'finalized' | number;
  /** The native one is always there, and first. */
  readonly assets: readonly ConfiguredAsset[];
  readonly treasuries: readonly EvmTreasury[];
}

export interface EvmTreasury {
  readonly key: string;
  /** EIP-55. */
  readonly address: string;
  /** Wei. */
  readonly maxFeePerGas: bigint;
  /** A transaction not mined after this long is replaced with higher fees. */
  readonly replaceAfterSeconds: number;
}
