import { createHash } from 'node:crypto';
import { type AssetId, type ChainId, nativeAsset } from '@countersign/chains/caip';
import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type {
  StellarAuthorization,
  StellarInvocation,
  StellarOperation,
  StellarTransaction,
} from '@countersign/chains/stellar/decode';
import type { StellarMemo } from '@countersign/chains/transfer';
import { type Ask, askFor } from '../src/reservation/ask.ts';
import type { EvmProposal, PayoutWithApprovals, ProposedKey, StellarProposal } from '../src/signing/proposal.ts';
import { evmPolicy, type Limits, stellarPolicy } from './policies.ts';

export const NETWORK = 'stellar:testnet' as ChainId;
export const CHAIN = 'eip155:1' as ChainId;
export const XLM = nativeAsset(NETWORK);
export const ETH = nativeAsset(CHAIN);
export const STELLAR_KEY = 'treasury-stellar';
export const EVM_KEY = 'treasury-evm';

/** What every request can differ in. */
export interface Change extends Limits {
  readonly requestId?: string;
  readonly caller?: string;
  readonly keyId?: string;
  /** One byte, repeated. */
  readonly publicKey?: number;
  readonly policyVersion?: bigint;
  /** Makes other bytes of the same meaning. */
  readonly salt?: string;
}

export function payout(
  payoutId: string,
  change: { amount?: bigint; destination?: string; asset?: AssetId; memo?: StellarMemo } = {},
): PayoutWithApprovals {
  return { payoutId, destination: 'RECIPIENT', asset: XLM, amount: 10n, approvals: [], ...change };
}

/** A classic transaction on a channel; it pays what is declared. */
export function stellarAsk(
  payouts: readonly PayoutWithApprovals[],
  change: Change & { readonly sequence?: bigint; readonly source?: string; readonly fee?: bigint } = {},
): Ask {
  const { sequence = 1n, source = 'CHANNEL', fee = 0n } = change;
  const operations = payouts.map(
    ({ destination, asset, amount }): StellarOperation => ({
      type: 'payment',
      source: 'TREASURY',
      destination,
      asset,
      amount,
    }),
  );
  const content = { kind: 'stellar', ...envelope, source, sequence, fee, operations } as const;
  const transaction: StellarTransaction = { ...content, hash: hashOf(content, change) };
  return stellar(transaction, payouts, change);
}

/** The authorization of one payout, whose nonce is given. */
export function authorizationAsk(
  declared: PayoutWithApprovals,
  change: Change & { readonly nonce?: bigint } = {},
): Ask {
  const transaction: StellarAuthorization = {
    kind: 'stellar-authorization',
    chain: NETWORK,
    ...authorization(declared, change),
  };
  return stellar(transaction, [declared], change);
}

/** An envelope around the authorization that `authorizationAsk` makes of the same nonce and `entrySalt`. */
export function invocationAsk(
  declared: PayoutWithApprovals,
  change: Change & {
    readonly nonce?: bigint;
    readonly entrySalt?: string;
    readonly sequence?: bigint;
    readonly fee?: bigint;
  } = {},
): Ask {
  const { nonce = 5n, entrySalt, sequence = 1n, fee = 0n } = change;
  const signed = { ...authorization(declared, { nonce, salt: entrySalt }), ...SIGNATURE };
  const content = {
    kind: 'stellar-invocation',
    ...envelope,
    source: 'CHANNEL',
    sequence,
    fee,
    authorization: signed,
    resources: RESOURCES,
  } as const;
  const transaction: StellarInvocation = { ...content, hash: hashOf(content, change) };
  return stellar(transaction, [declared], change);
}

/** A transfer on a nonce; without a payout, the cancel of one. */
export function evmAsk(
  declared: PayoutWithApprovals | undefined,
  change: Change & {
    readonly nonce?: bigint;
    readonly lowestOpen?: bigint;
    readonly address?: string;
    readonly gasLimit?: bigint;
    readonly maxFeePerGas?: bigint;
    readonly maxNoncesAhead?: bigint;
  } = {},
): Ask {
  const { nonce = 0n, lowestOpen = 0n, gasLimit = 0n, maxFeePerGas = 0n, address = '0xTreasury' } = change;
  const { destination, asset, amount } = declared ?? { destination: address, asset: ETH, amount: 0n };
  const content = {
    kind: 'evm',
    chain: CHAIN,
    chainId: 1n,
    nonce,
    to: destination,
    value: amount,
    transfer: { destination, asset, amount },
    gasLimit,
    maxFeePerGas,
    maxPriorityFeePerGas: 0n,
  } as const;
  const signingHash = hashOf(content, change);
  const transaction: EvmTransaction = { ...content, signingHash };
  const proposal: EvmProposal = {
    kind: 'evm',
    ...asked(change, EVM_KEY, address, declared === undefined ? [] : [declared], signingHash),
    purpose: declared === undefined ? 'cancel' : 'payout',
    transaction,
    lowestOpenNonce: lowestOpen,
  };
  return ask(proposal, change, evmPolicy(change));
}

const envelope = { chain: NETWORK, minTime: 0n, maxTime: 1n } as const;
const SIGNATURE = { publicKey: new Uint8Array(32), signature: new Uint8Array(64) };
const RESOURCES = {
  resourceFee: 0n,
  instructions: 0,
  diskReadBytes: 0,
  writeBytes: 0,
  readOnly: [],
  readWrite: [],
} as const;

function authorization(
  { destination, amount }: PayoutWithApprovals,
  { nonce = 5n, salt }: { readonly nonce?: bigint | undefined; readonly salt?: string | undefined },
) {
  const transfer = { contract: 'CONTRACT', destination, amount };
  const content = { account: 'TREASURY', nonce, expirationLedger: 9n, transfer };
  return { ...content, hash: hashOf({ kind: 'entry', ...content }, salt === undefined ? {} : { salt }) };
}

function stellar(
  transaction: StellarProposal['transaction'],
  payouts: readonly PayoutWithApprovals[],
  change: Change,
): Ask {
  const proposal: StellarProposal = {
    kind: 'stellar',
    ...asked(change, STELLAR_KEY, 'TREASURY', payouts, transaction.hash),
    purpose: 'payout',
    transaction,
    networkPassphrase: 'Test SDF Network ; September 2015',
  };
  return ask(proposal, change, stellarPolicy(change));
}

function asked(
  { requestId, keyId, publicKey = 1 }: Change,
  defaultKey: string,
  address: string,
  payouts: readonly PayoutWithApprovals[],
  unsigned: Uint8Array,
) {
  const key: ProposedKey = {
    id: keyId ?? defaultKey,
    algorithm: defaultKey === EVM_KEY ? 'secp256k1' : 'ed25519',
    publicKey: new Uint8Array(32).fill(publicKey),
    custodies: {},
    address,
  };
  // A request that names no id of its own is a new one.
  return { requestId: requestId ?? `at_${++requests}`, key, payouts, unsigned };
}

let requests = 0;

function ask(
  proposal: StellarProposal | EvmProposal,
  { caller = 'spiffe://countersign.test/api', policyVersion = 1n }: Change,
  policy: Ask['policy'],
): Ask {
  return askFor(caller, proposal, policy, policyVersion);
}

function hashOf(content: object, { salt }: Pick<Change, 'salt'>): Uint8Array {
  const text = JSON.stringify([content, salt], (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  return createHash('sha256').update(text).digest();
}
