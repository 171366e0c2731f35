import { parseAmount } from '@countersign/chains/amount';
import { type AssetId, type ChainId, parseAssetId } from '@countersign/chains/caip';
import type { ChainConfig, ChainsConfig } from '../../config/chains.ts';
import { fieldErrors } from '../problem/validation.ts';
import { type CreatePayoutBody, createPayoutBodySchema } from './create-payout-body.ts';
import { accepted, type Read, reading, refused } from './read.ts';
import { readDestination } from './read-destination.ts';

/** What a payout pays, whole and checked. */
export interface PayoutTerms {
  readonly chain: ChainId;
  readonly asset: AssetId;
  /** Smallest units. */
  readonly amount: bigint;
  readonly destination: string;
  readonly memo: CreatePayoutBody['memo'];
  readonly key: string;
  readonly externalId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

// A Stellar balance is an int64 of stroops; an EVM value a uint256 of wei.
const MAX_UNITS = { stellar: 2n ** 63n - 1n, evm: 2n ** 256n - 1n } as const;

/** Reads the body of POST /v1/payouts against the configured chains. Pure; finds every mistake, not only the first. */
export function readTerms(chains: ChainsConfig, input: unknown): Read<PayoutTerms> {
  const body = createPayoutBodySchema.safeParse(input);
  if (!body.success) return { ok: false, errors: fieldErrors(body.error, input, 'body') };

  const asset = readAsset(body.data.asset, chains);
  if (!asset.ok) return asset;
  const { config, decimals, id } = asset.value;

  const amount = readAmount(body.data.amount, decimals, MAX_UNITS[config.kind]);
  const key = readKey(body.data.key, config);
  const destination = readDestination(body.data.destination, config);
  const memo = readMemo(body.data.memo, body.data.destination, config);
  if (!amount.ok || !key.ok || !destination.ok || !memo.ok) {
    return { ok: false, errors: [amount, key, destination, memo].flatMap((read) => (read.ok ? [] : read.errors)) };
  }
  return accepted({
    chain: config.chain,
    asset: id,
    amount: amount.value,
    destination: destination.value,
    memo: memo.value,
    key: key.value,
    externalId: body.data.external_id,
    metadata: body.data.metadata ?? {},
  });
}

function readAsset(
  text: string,
  { chains }: ChainsConfig,
): Read<{ config: ChainConfig; decimals: number; id: AssetId }> {
  const asset = reading('asset', () => parseAssetId(text));
  if (!asset.ok) return asset;
  const config = chains.find(({ chain }) => chain === asset.value.chain);
  if (config === undefined) {
    const known = chains.map(({ chain }) => chain).join(' or ');
    return refused('asset', 'UNKNOWN_ASSET', `expected an asset of ${known}`);
  }
  return accepted({ config, decimals: asset.value.decimals, id: asset.value.id });
}

function readAmount(text: string, decimals: number, max: bigint): Read<bigint> {
  const units = reading('amount', () => parseAmount(text, decimals, max));
  return units.ok && units.value === 0n ? refused('amount', 'AMOUNT_OUT_OF_RANGE', 'expected more than 0') : units;
}

function readKey(asked: string | undefined, config: ChainConfig): Read<string> {
  const keys = config.treasuries.map(({ key }) => key);
  const key = asked ?? keys[0];
  return key !== undefined && keys.includes(key)
    ? accepted(key)
    : refused('key', 'UNKNOWN_KEY', `expected one of the keys that pay on ${config.chain}: ${keys.join(', ')}`);
}

function readMemo(
  memo: CreatePayoutBody['memo'],
  destination: string,
  config: ChainConfig,
): Read<CreatePayoutBody['memo']> {
  if (memo === undefined) return accepted(undefined);
  if (config.kind !== 'stellar') return refused('memo', 'MEMO_NOT_ALLOWED', `expected no memo on ${config.chain}`);
  if (destination.startsWith('M')) {
    return refused('memo', 'MEMO_NOT_ALLOWED', 'expected no memo: an M… address carries its own');
  }
  const isDigest = memo.type === 'hash' || memo.type === 'return';
  return accepted(isDigest ? { ...memo, value: memo.value.toLowerCase() } : memo);
}
