import { parseAmount } from '@countersign/chains/amount';
import type { AssetId, ChainId } from '@countersign/chains/caip';
import type { StellarDestination } from '@countersign/chains/stellar/address';
import type { ChainConfig, ChainsConfig, ConfiguredAsset } from '../../config/chains.ts';
import { fieldErrors } from '../problem/validation.ts';
import { type CreatePayoutBody, createPayoutBodySchema } from './create-payout-body.ts';
import { accepted, type Read, reading, refused } from './read.ts';
import { type AssetOfChain, readAsset } from './read-asset.ts';
import { readEvmDestination, readStellarDestination } from './read-destination.ts';

/** What a payout pays, whole and checked. */
export interface PayoutTerms {
  readonly chain: ChainId;
  readonly asset: AssetId;
  /** Fraction digits of its smallest unit. */
  readonly decimals: number;
  /** Smallest units. */
  readonly amount: bigint;
  readonly destination: string;
  readonly memo: CreatePayoutBody['memo'];
  readonly key: string;
  readonly externalId: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

// A Stellar balance is an int64, a token contract there counts in an i128, an EVM value is a uint256.
const MAX_UNITS = {
  native: { stellar: 2n ** 63n - 1n, evm: 2n ** 256n - 1n },
  issued: 2n ** 63n - 1n,
  sep41: 2n ** 127n - 1n,
  erc20: 2n ** 256n - 1n,
} as const;

/** Reads the body of POST /v1/payouts against the configured chains. Pure; finds every mistake, not only the first. */
export function readTerms(chains: ChainsConfig, input: unknown): Read<PayoutTerms> {
  const body = createPayoutBodySchema.safeParse(input);
  if (!body.success) return { ok: false, errors: fieldErrors(body.error, input, 'body') };

  const asset = readAsset(body.data.asset, chains);
  if (!asset.ok) return asset;
  const { config } = asset.value;

  const amount = readAmount(body.data.amount, asset.value);
  const key = readKey(body.data.key, config);
  const { destination, memo } = readPlace(body.data, asset.value, key.ok ? key.value : undefined);
  const payer = key.ok ? checkPayer(key.value, asset.value) : key;
  if (!amount.ok || !key.ok || !payer.ok || !destination.ok || !memo.ok) {
    return { ok: false, errors: [amount, payer, destination, memo].flatMap((read) => (read.ok ? [] : read.errors)) };
  }
  return accepted({
    chain: config.chain,
    asset: asset.value.asset.id,
    decimals: asset.value.asset.decimals,
    amount: amount.value,
    destination: destination.value,
    memo: memo.value,
    key: key.value,
    externalId: body.data.external_id,
    metadata: body.data.metadata ?? {},
  });
}

function readAmount(text: string, { config, asset }: AssetOfChain): Read<bigint> {
  const max = asset.kind === 'native' ? MAX_UNITS.native[config.kind] : MAX_UNITS[asset.kind];
  const units = reading('amount', () => parseAmount(text, asset.decimals, max));
  return units.ok && units.value === 0n ? refused('amount', 'AMOUNT_OUT_OF_RANGE', 'expected more than 0') : units;
}

function readKey(asked: string | undefined, config: ChainConfig): Read<string> {
  const keys = config.treasuries.map(({ key }) => key);
  const key = asked ?? keys[0];
  return key !== undefined && keys.includes(key)
    ? accepted(key)
    : refused('key', 'UNKNOWN_KEY', `expected one of the keys that pay on ${config.chain}: ${keys.join(', ')}`);
}

function checkPayer(key: string, { config, asset }: AssetOfChain): Read<string> {
  const calls = config.kind === 'stellar' && config.treasuries.some((each) => each.key === key && each.soroban);
  return asset.kind === 'sep41' && !calls
    ? refused('key', 'KEY_NOT_SUPPORTED', `expected a key that pays by contract calls: ${key} does not`)
    : accepted(key);
}

interface Place {
  readonly destination: Read<string>;
  readonly memo: Read<CreatePayoutBody['memo']>;
}

function readPlace(body: CreatePayoutBody, { config, asset }: AssetOfChain, key: string | undefined): Place {
  if (config.kind === 'evm') {
    const memo: Read<undefined> =
      body.memo === undefined
        ? accepted(undefined)
        : refused('memo', 'MEMO_NOT_ALLOWED', `expected no memo on ${config.chain}`);
    return { destination: readEvmDestination(body.destination, config), memo };
  }
  const payer = config.treasuries.find((each) => each.key === key);
  const destination = readStellarDestination(body.destination, config, asset, payer);
  const place = destination.ok ? accepted(destination.value.address) : destination;
  return { destination: place, memo: readMemo(body.memo, asset, destination) };
}

function readMemo(
  memo: CreatePayoutBody['memo'],
  asset: ConfiguredAsset,
  destination: Read<StellarDestination>,
): Read<CreatePayoutBody['memo']> {
  if (memo === undefined) return accepted(undefined);
  const kind = destination.ok ? destination.value.kind : undefined;
  if (asset.kind === 'sep41' || kind === 'contract') {
    return refused('memo', 'MEMO_NOT_SUPPORTED', 'expected no memo: a contract call carries none');
  }
  if (kind === 'muxed') {
    return refused('memo', 'MEMO_NOT_ALLOWED', 'expected no memo: an M… address carries its own');
  }
  const isDigest = memo.type === 'hash' || memo.type === 'return';
  return accepted(isDigest ? { ...memo, value: memo.value.toLowerCase() } : memo);
}
