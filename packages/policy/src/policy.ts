import type { AssetId, ChainId } from '@countersign/chains/caip';

/** What a signature may be for; `cancel` exists on EVM alone. */
export type Purpose = 'payout' | 'cancel';

/** Who may ask for what with a key: SPIFFE ID → purposes. An identity that is not named is denied. */
export type Callers = ReadonlyMap<string, ReadonlySet<Purpose>>;

/** What may be moved in any span of so many seconds, of one asset: its amount in its smallest unit, how many payouts, or both. */
export interface AmountWindow {
  readonly seconds: number;
  readonly maxAmount?: bigint;
  readonly maxCount?: bigint;
}

/** What may be offered as fees in any span of so many seconds: stroops or wei. */
export interface FeeWindow {
  readonly seconds: number;
  readonly maxAmount: bigint;
}

/** Limits of one asset, in its smallest unit; `decimals` is the number of fraction digits of it. */
export interface AssetLimits {
  readonly decimals: number;
  readonly maxPerPayout: bigint;
  readonly maxPerTransaction?: bigint;
  /** A payout of more needs approvals. */
  readonly approvalAbove?: bigint;
  readonly windows: readonly AmountWindow[];
  /** Who issues it (`G…`), where somebody does: what the issuer is paid is burnt. */
  readonly issuer?: string;
}

/** Which memos a destination may be paid with: none; any, or none; or one of these: `none`, and as `memoText` writes them. */
export type MemoRule = 'none' | 'any' | ReadonlySet<string>;

/** Who may be paid, by canonical address. */
export type Destinations =
  | { readonly kind: 'listed'; readonly memos: ReadonlyMap<string, MemoRule> }
  | { readonly kind: 'any'; readonly memo: 'none' | 'any' };

/** Why an address is not paid, whoever lists or approves it: it is ours, the contract of a token, or nobody can own it. */
export type NeverPaid = 'own' | 'token' | 'nobody';

/** Whose signatures, over exactly one payout, allow it above an amount or to a destination that is not listed. */
export interface ApprovalRules {
  /** How many of the approvers have to sign; 1 or more. */
  readonly threshold: number;
  /** The fingerprint (`SHA256:…`) of each approver's public key → name. */
  readonly approvers: ReadonlyMap<string, string>;
  readonly unlistedDestinations: boolean;
  /** Seconds between now and the expiry of an approval, at most. */
  readonly maxLifetime: bigint;
}

interface KeyPolicyBase {
  readonly callers: Callers;
  /** Whether its seed may sign again once it has been on KMS or an HSM. */
  readonly allowLegacy?: true;
  readonly chain: ChainId;
  readonly destinations: Destinations;
  /** By the account that is paid (the `G…` behind an `M…`), contract or EIP-55 address. */
  readonly neverPaid: ReadonlyMap<string, NeverPaid>;
  readonly assets: ReadonlyMap<AssetId, AssetLimits>;
  readonly feeWindows: readonly FeeWindow[];
  readonly approvals?: ApprovalRules;
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

/** What the part of one chain says of a key; the rest stands beside it. */
export type KeyPart<Of extends KeyPolicy> = Omit<Of, 'callers' | 'allowLegacy' | 'feeWindows' | 'approvals'>;

/** A whole policy, in force for every key that it names and for no other. */
export interface Policy {
  readonly version: number;
  readonly environment: string;
  readonly keys: ReadonlyMap<string, KeyPolicy>;
}
