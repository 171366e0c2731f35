import type { AssetId, ChainId } from '@countersign/chains/caip';

/** What a signature may be for; `cancel` exists on EVM alone. */
export type Purpose = 'payout' | 'cancel';

/** Who may ask for what with a key: SPIFFE ID → purposes. An identity that is not named is denied. */
export type Callers = ReadonlyMap<string, ReadonlySet<Purpose>>;

/** Limits of one asset, in its smallest unit; `decimals` is the number of fraction digits of it. */
export interface AssetLimits {
  readonly maxPerPayout: bigint;
  readonly decimals: number;
  readonly windows: readonly { seconds: number; maxAmount?: bigint; maxCount?: bigint }[];
}

interface KeyPolicyBase {
  readonly callers: Callers;
  readonly chain: ChainId;
  readonly destinations: ReadonlySet<string>;
  readonly assets: ReadonlyMap<AssetId, AssetLimits>;
  readonly feeWindows: readonly { seconds: number; maxAmount: bigint }[];
}

/** What a key may sign on one Stellar network. Fees are stroops for the whole transaction. */
export interface StellarKeyPolicy extends KeyPolicyBase {
  readonly kind: 'stellar';
  /** The account that pays: the source of every transfer. */
  readonly account: string;
  /** The accounts that may be the source of a transaction. */
  readonly channels: ReadonlySet<string>;
  /** Of an invocation: without its resource fee. */
  readonly maxFee: bigint;
  /** Seconds between now and the transaction's maxTime. */
  readonly maxLifetime: bigint;
  readonly allowCreateAccount: boolean;
  /** Without it, no contract is called. */
  readonly soroban?: SorobanPolicy;
}

/** What a key may do by contracts. */
export interface SorobanPolicy {
  /** Stroops. */
  readonly maxResourceFee: bigint;
  /** How long an authorization may be valid, from now. */
  readonly maxAuthorizationSeconds: bigint;
  readonly ledgerClock: LedgerClock;
  /** The contract (`C…`) of every listed asset. */
  readonly contracts: ReadonlyMap<string, ContractPolicy>;
}

/** An authorization ends at a ledger, not at a time, and the signer sees no ledger: one that closed, and their pace. */
export interface LedgerClock {
  readonly ledger: bigint;
  /** Unix seconds. */
  readonly closedAt: bigint;
  readonly secondsPerLedger: number;
}

/** The asset that a contract moves. `wasmHash` (64 hex digits) is there for a token's own contract, not for a Stellar Asset Contract. */
export interface ContractPolicy {
  readonly asset: AssetId;
  readonly wasmHash?: string;
}

/** What a key may sign on one EVM chain. Fee caps are wei per gas. */
export interface EvmKeyPolicy extends KeyPolicyBase {
  readonly kind: 'evm';
  readonly maxGasLimit: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** How many nonces may be signed ahead of the lowest that is not final. */
  readonly maxNoncesAhead: bigint;
}

export type KeyPolicy = StellarKeyPolicy | EvmKeyPolicy;

/** A whole policy, in force for every key that it names and for no other. */
export interface Policy {
  readonly version: number;
  readonly environment: string;
  readonly keys: ReadonlyMap<string, KeyPolicy>;
}
