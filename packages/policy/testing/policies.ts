import { type ChainId, erc20Asset, issuedAsset, nativeAsset } from '@countersign/chains/caip';
import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import { decide, type ProposedPayout, type Question } from '../src/decide.ts';
import type { AssetLimits, Destinations, EvmKeyPolicy, KeyPolicy, MemoRule, StellarKeyPolicy } from '../src/schema.ts';

export const NOW = 1_800_000_000n;
export const CALLER = 'spiffe://countersign.dev/api';
export const TESTNET = 'stellar:testnet' as ChainId;
export const ANVIL = 'eip155:31337' as ChainId;
export const XLM = nativeAsset(TESTNET);
export const ETH = nativeAsset(ANVIL);
export const ANN = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
export const BOB = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
export const ISSUER = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
/** The issuer, with the id 2^63 (SEP-23). */
export const MUXED_ISSUER = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
export const USD = issuedAsset(TESTNET, 'USD', ISSUER);
export const CLARA = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
export const TOKEN = erc20Asset(ANVIL, `0x${'11'.repeat(20)}`);

export const NONE: ReadonlySet<string> = new Set();

export function listed(...entries: readonly (string | readonly [address: string, memo: MemoRule])[]): Destinations {
  const memos = entries.map((entry): [string, MemoRule] =>
    typeof entry === 'string' ? [entry, 'none'] : [entry[0], entry[1]],
  );
  return { kind: 'listed', memos: new Map(memos) };
}

/** Limits of a thousand of the smallest unit for one payout. */
export function limits(change: Partial<AssetLimits> = {}): AssetLimits {
  return { maxPerPayout: 1_000n, decimals: 7, windows: [], ...change };
}

export const stellarKey: StellarKeyPolicy = {
  kind: 'stellar',
  callers: new Map([[CALLER, new Set(['payout'])]]),
  chain: TESTNET,
  account: 'TREASURY',
  channels: new Set(['CHANNEL']),
  destinations: listed(ANN, BOB, ISSUER, MUXED_ISSUER),
  neverPaid: new Map(),
  assets: new Map([
    [XLM, limits()],
    [USD, limits({ issuer: ISSUER })],
  ]),
  feeWindows: [],
  maxFee: 500n,
  maxLifetime: 300n,
  allowCreateAccount: false,
};

export const evmKey: EvmKeyPolicy = {
  kind: 'evm',
  callers: new Map([[CALLER, new Set(['payout', 'cancel'])]]),
  chain: ANVIL,
  destinations: listed(CLARA),
  neverPaid: new Map(),
  assets: new Map([
    [ETH, limits({ decimals: 18 })],
    [TOKEN, limits({ maxPerPayout: 2_000_000n, decimals: 6 })],
  ]),
  feeWindows: [],
  maxGasLimit: 50_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  maxNoncesAhead: 16n,
};

/** At every limit of {@link stellarKey}. */
export const stellarTransaction: StellarTransaction = {
  kind: 'stellar',
  chain: TESTNET,
  hash: new Uint8Array(32),
  source: 'CHANNEL',
  sequence: 5n,
  fee: 500n,
  minTime: 0n,
  maxTime: NOW + 300n,
  operations: [
    { type: 'payment', source: 'TREASURY', destination: ANN, asset: XLM, amount: 1_000n },
    { type: 'bumpSequence', bumpTo: 1024n },
  ],
};

/** At every limit of {@link evmKey}. */
export const evmTransaction: EvmTransaction = {
  kind: 'evm',
  chain: ANVIL,
  chainId: 31337n,
  nonce: 0n,
  to: CLARA,
  value: 1_000n,
  transfer: { asset: ETH, destination: CLARA, amount: 1_000n },
  gasLimit: 50_000n,
  maxFeePerGas: 100n,
  maxPriorityFeePerGas: 10n,
  signingHash: new Uint8Array(32),
};

export const toAnn: ProposedPayout = {
  payoutId: 'po_1',
  destination: ANN,
  asset: XLM,
  amount: 1_000n,
  approvers: NONE,
};
export const toClara: ProposedPayout = { ...toAnn, destination: CLARA, asset: ETH };

export const stellarQuestion: Question = {
  caller: CALLER,
  purpose: 'payout',
  transaction: stellarTransaction,
  payouts: [toAnn],
  now: NOW,
};
export const evmQuestion: Question = { ...stellarQuestion, transaction: evmTransaction, payouts: [toClara] };

export function reasonsOf(policy: KeyPolicy, question: Question) {
  const decision = decide(policy, question);
  return decision.allowed ? [] : decision.reasons;
}

export function codesOf(policy: KeyPolicy, question: Question): string[] {
  return reasonsOf(policy, question).map(({ code }) => code);
}
