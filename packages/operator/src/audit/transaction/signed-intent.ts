import { z } from 'zod';

const payout = z.object({
  payoutId: z.string(),
  destination: z.string(),
  asset: z.string(),
  amount: z.string(),
  memo: z.string().optional(),
});

/** What a `ReserveSignature` event says that it will sign. */
const intentSchema = z.object({
  transactionKind: z.enum(['stellar', 'stellarAuthorization', 'evm']),
  purpose: z.string(),
  network: z.string(),
  account: z.string(),
  lane: z.string(),
  signingHash: z.string(),
  payouts: z.array(payout),
  unsignedTransaction: z.base64(),
  networkPassphrase: z.string().optional(),
});

export type SignedIntent = z.output<typeof intentSchema>;
export type DeclaredPayout = z.output<typeof payout>;

/** What the bytes say, as another implementation reads them. */
export interface DecodedTransaction {
  /** CAIP-2. */
  readonly network: string;
  readonly signingHash: string;
  readonly lane: string;
  readonly transfers: readonly DecodedTransfer[];
}

export type DecodedTransfer = Omit<DeclaredPayout, 'payoutId'>;

/** The bytes are not what a signer of Countersign signs. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

export function readIntent(requestParameters: unknown): SignedIntent {
  const result = intentSchema.safeParse(requestParameters);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new DecodeError(`requestParameters.${issue?.path.join('.')}: ${issue?.message}`);
}
