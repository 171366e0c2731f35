import { z } from 'zod';
import { plainText } from './plain-text.ts';

export const ASSET_EXAMPLE = 'stellar:standalone/slip44:148';
const ASSET_EXAMPLES = [
  ASSET_EXAMPLE,
  'stellar:standalone/asset:USDC-GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H',
  'stellar:standalone/sep41:CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC',
  'eip155:31337/slip44:60',
  'eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3',
];
const UINT64_MAX = 2n ** 64n - 1n;

export const externalIdSchema = plainText(128).meta({ description: "The client's own id; unique over all payouts." });

const digest = z.string().regex(/^[0-9a-fA-F]{64}$/, 'expected 32 bytes as 64 hex digits');

/** A Stellar memo (CAP-0027 M… destinations carry theirs inside the address). */
export const memoSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('text'),
      value: plainText(28)
        .refine((text) => text.length > 28 || Buffer.byteLength(text) <= 28, {
          error: 'expected at most 28 bytes of UTF-8',
          params: { code: 'TOO_LONG' },
        })
        .meta({ description: 'At most 28 bytes of UTF-8.' }),
    }),
    z.strictObject({
      type: z.literal('id'),
      value: z
        .string()
        .regex(/^(0|[1-9][0-9]{0,19})$/, 'expected a decimal integer without leading zeros')
        .refine((text) => !/^[0-9]{1,20}$/.test(text) || BigInt(text) <= UINT64_MAX, {
          error: `expected at most ${UINT64_MAX}`,
          params: { code: 'TOO_BIG' },
        })
        .meta({ description: 'An unsigned 64-bit integer, in decimal.' }),
    }),
    z.strictObject({ type: z.literal('hash'), value: digest }),
    z.strictObject({ type: z.literal('return'), value: digest }),
  ])
  .meta({
    id: 'Memo',
    description: 'Stellar only, and not with a contract call.',
    examples: [{ type: 'text', value: 'invoice 42' }],
  });

export const metadataSchema = z
  .record(z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'expected 1–64 characters of [A-Za-z0-9._-]'), plainText(500))
  .refine((map) => Object.keys(map).length <= 20, {
    error: 'expected at most 20 entries',
    params: { code: 'TOO_MANY_ENTRIES' },
  })
  .meta({ description: "The client's own words; at most 20 entries.", maxProperties: 20 });

/** The shape of POST /v1/payouts; what its fields mean together is checked in read-terms.ts. */
export const createPayoutBodySchema = z
  .strictObject({
    asset: z.string().min(1).max(128).meta({
      description:
        'CAIP-19: an asset that is configured here. The chain follows from it. An ERC-20 address may be in lower case.',
      examples: ASSET_EXAMPLES,
    }),
    amount: z
      .string()
      .min(1)
      .max(100)
      .meta({ description: 'A decimal number as a string, in whole units of the asset.', examples: ['12.5'] }),
    destination: z.string().min(1).max(100).meta({
      description:
        'Stellar: G… or M… (StrKey), or C… where the treasury pays by contract calls; a token contract is paid to G… or C… alone. EVM: 0x…, EIP-55.',
    }),
    memo: memoSchema.optional(),
    key: z
      .string()
      .min(1)
      .max(64)
      .meta({ description: 'The treasury that pays; by default the first of the chain.' })
      .optional(),
    external_id: externalIdSchema.optional(),
    metadata: metadataSchema.optional(),
  })
  .meta({
    id: 'CreatePayout',
    examples: [
      {
        asset: ASSET_EXAMPLE,
        amount: '12.5',
        destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ',
        memo: { type: 'text', value: 'invoice 42' },
        external_id: 'invoice-42',
      },
      {
        asset: 'stellar:standalone/asset:USDC-GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H',
        amount: '100',
        destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ',
      },
      {
        asset: 'eip155:31337/erc20:0x5FbDB2315678afecb367f032d93F642f64180aa3',
        amount: '0.000001',
        destination: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC',
      },
    ],
  });

export type CreatePayoutBody = z.output<typeof createPayoutBodySchema>;
