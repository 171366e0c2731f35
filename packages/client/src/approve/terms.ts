import { formatAmount } from '@countersign/chains/amount';
import { type Asset, type ChainId, parseAssetId } from '@countersign/chains/caip';
import { parseDestination } from '@countersign/chains/destination';
import { TransactionError } from '@countersign/chains/error';
import { parseEvmAddress } from '@countersign/chains/evm/address';
import { ID } from '@countersign/chains/id';
import { parseStellarAccount } from '@countersign/chains/stellar/address';
import { z } from 'zod';
import { ClientError } from '../error.ts';
import { visible } from '../text/visible.ts';

const UINT64_MAX = 2n ** 64n - 1n;
const digest = z.string().regex(/^[0-9a-f]{64}$/);
const word = z.string().regex(ID);

const answerSchema = z.object({
  payout: word,
  key: word,
  account: z.string(),
  chain: z.string(),
  destination: z.string(),
  asset: z.string(),
  amount: z.string(),
  amount_units: z.string().regex(/^[1-9][0-9]{0,77}$/),
  decimals: z.int().min(0).max(77),
  memo: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text'), value: z.string().max(28) }),
      z.object({
        type: z.literal('id'),
        value: z
          .string()
          .regex(/^(0|[1-9][0-9]{0,19})$/)
          .refine((text) => BigInt(text) <= UINT64_MAX),
      }),
      z.object({ type: z.literal('hash'), value: digest }),
      z.object({ type: z.literal('return'), value: digest }),
    ])
    .optional(),
  status: z.string(),
  reason: z.object({ code: z.string(), detail: z.string() }).nullable(),
  approvals: z.array(z.object({ fingerprint: z.string(), expires_at: z.int(), expired: z.boolean() })),
});

/** What there is to approve, read from the API and checked as far as it can be here. */
export interface Terms {
  readonly payoutId: string;
  readonly keyId: string;
  /** The one that pays. */
  readonly account: string;
  readonly network: string;
  readonly destination: string;
  readonly asset: Asset;
  /** Smallest units: what is signed for. */
  readonly units: bigint;
  /** The same in whole units. */
  readonly amount: string;
  readonly decimals: number;
  /** `type:value` */
  readonly memo: string | undefined;
  readonly status: string;
  readonly reason: { readonly code: string; readonly detail: string } | undefined;
  readonly approvals: readonly {
    readonly fingerprint: string;
    readonly expiresAt: number;
    readonly expired: boolean;
  }[];
}

/**
 * Reads the terms of a payout. The API is not trusted with them: every part has to be in its one canonical form, so that what
 * is shown is what is signed, and nothing in it can pass for another line.
 *
 * @throws ClientError TERMS_INVALID
 */
export function readTerms(payoutId: string, answer: unknown): Terms {
  const read = answerSchema.safeParse(answer);
  if (!read.success) throw invalid(read.error.issues.map(({ path }) => path.join('.') || 'the answer').join(', '));
  const { data } = read;
  if (data.payout !== payoutId) throw invalid(`payout: expected ${payoutId}, got ${data.payout}`);
  const asset = readAsset(data.asset, data.chain);
  demandCanonical('account', data.account, (text) => parseAccount(asset.chain, text));
  demandCanonical('destination', data.destination, (text) => parseDestination(asset.chain, text));
  const decimals = decimalsOf(asset) ?? data.decimals;
  if (data.decimals !== decimals) throw invalid(`decimals: expected ${decimals} for this asset, got ${data.decimals}`);
  const units = BigInt(data.amount_units);
  const amount = formatAmount(units, decimals);
  if (data.amount !== amount) throw invalid(`amount: expected ${amount} for ${units} units, got ${data.amount}`);
  return {
    payoutId,
    keyId: data.key,
    account: data.account,
    network: data.chain,
    destination: data.destination,
    asset,
    units,
    amount,
    decimals,
    memo: data.memo && `${data.memo.type}:${data.memo.value}`,
    status: data.status,
    reason: data.reason ?? undefined,
    approvals: data.approvals.map(({ expires_at: expiresAt, ...each }) => ({ ...each, expiresAt })),
  };
}

/** Fraction digits that follow from the asset alone; what a token contract counts in has to be told. */
export function decimalsOf(asset: Asset): number | undefined {
  return 'decimals' in asset ? asset.decimals : undefined;
}

function readAsset(text: string, chain: string): Asset {
  const asset = reading('asset', () => parseAssetId(text));
  if (asset.id !== text) throw invalid(`asset: expected ${asset.id}, got ${text}`);
  if (asset.chain !== chain) throw invalid(`chain: expected ${asset.chain}, got ${chain}`);
  return asset;
}

function parseAccount(chain: ChainId, text: string): string {
  return chain.startsWith('stellar:') ? parseStellarAccount(text) : parseEvmAddress(text, 'account');
}

function demandCanonical(field: string, text: string, parse: (text: string) => string): void {
  const address = reading(field, () => parse(text));
  if (address !== text) throw invalid(`${field}: expected ${address}, got ${text}`);
}

function reading<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TransactionError) throw invalid(`${field}: ${error.message}`);
    throw error;
  }
}

function invalid(what: string): ClientError {
  return new ClientError('TERMS_INVALID', visible(`the API shows terms that cannot be approved: ${what}`));
}
