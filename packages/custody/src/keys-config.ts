import { z } from 'zod';
import { pkcs11Custody, tokensSchema } from './pkcs11/pkcs11-config.ts';
import { vaultCustody, vaultsSchema } from './vault-transit/vault-config.ts';

export const keyIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes')
  .meta({ title: 'key id' });

const envCustody = z.strictObject({
  backend: z.literal('env').describe('the seed stands in the signer’s environment'),
  variable: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]*$/, 'expected the name of a variable')
    .describe(
      'the variable that holds it: `S…` or 64 hex digits for ed25519, 64 hex digits (`0x` or not) for secp256k1',
    ),
});

const awsKmsCustody = z.strictObject({
  backend: z.literal('aws-kms').describe('the key is in AWS KMS and never leaves it'),
  key: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^[\x21-\x7e]+$/, 'expected printable characters')
    .describe('key id, key ARN, alias name (`alias/…`) or alias ARN'),
});

const kmsCustody = z.discriminatedUnion('backend', [awsKmsCustody, pkcs11Custody, vaultCustody]);

/** Public keys: 64 hex digits (ed25519), or 66 (secp256k1, compressed), as `ListKeys` shows them. */
const keySchema = z
  .strictObject({
    algorithm: z.enum(['ed25519', 'secp256k1']).describe('ed25519 for Stellar, secp256k1 for EVM chains'),
    public_key: z
      .string()
      .regex(/^[0-9a-f]+$/, 'expected lower-case hex digits')
      .describe(
        'the one key that every custody has to hold: 64 hex digits for ed25519, 66 (compressed) for secp256k1; once in the file, and under this key id for good',
      ),
    custodies: z
      .strictObject({
        legacy: envCustody
          .optional()
          .describe('where the key comes from: signs while its flag is `legacy` or `shadow`'),
        kms: kmsCustody.optional().describe('where it goes to: signs while its flag is `kms`'),
      })
      .refine(
        (custodies) => custodies.legacy !== undefined || custodies.kms !== undefined,
        'expected legacy, kms or both',
      )
      .describe(
        'where the key lives: `legacy`, `kms` or both; `legacy` is opened at the start while the flag is `legacy` or `shadow`, `kms` always',
      ),
  })
  .refine((key) => key.public_key.length === (key.algorithm === 'ed25519' ? 64 : 66), {
    path: ['public_key'],
    error: 'expected 64 hex digits for ed25519, 66 (compressed) for secp256k1',
  });

const keys = z.record(keyIdSchema, keySchema);
const places = {
  vaults: vaultsSchema
    .optional()
    .describe('HashiCorp Vaults or OpenBaos that keys are in, by names that custodies use'),
  tokens: tokensSchema.optional().describe('tokens of HSMs that keys are in, by names that custodies use'),
};

/** The keys file. The key of each entry is the key id, the only handle that leaves the signer. */
export const keysSchema = z
  .strictObject({
    keys: keys
      .refine((keys) => Object.keys(keys).length > 0, 'expected at least one key')
      .describe('at least one; the key id is what policy, flags, API and audit events call the key'),
    ...places,
  })
  .superRefine(assertPlaces);

/** A keys file that is being written: there may be no key in it yet. */
export const keysDraftSchema = z
  .strictObject({ keys: keys.nullish().transform((found) => found ?? {}), ...places })
  .superRefine(assertPlaces);

export type KeyConfig = z.infer<typeof keySchema>;
/** What the file says of the places that its keys are in. */
export type Places = z.infer<z.ZodObject<typeof places>>;
export interface KeysConfig extends Places {
  keys: Record<string, KeyConfig>;
}
export type KmsCustody = z.infer<typeof kmsCustody>;
/** One custody, by the path that it serves. */
export const custodySchemas = { legacy: envCustody, kms: kmsCustody } as const;

function assertPlaces(config: KeysConfig, context: z.RefinementCtx): void {
  for (const [id, { custodies }] of Object.entries(config.keys)) {
    const { section, word, name } = placeOf(custodies.kms);
    if (section === undefined || Object.hasOwn(config[section] ?? {}, name)) continue;
    const path = ['keys', id, 'custodies', 'kms', word];
    context.addIssue({ code: 'custom', path, message: `expected a name of ${section}` });
  }
}

/** The place that a key is in, where places of its kind have names: its section, and the word that names it. */
function placeOf(custody: KmsCustody | undefined) {
  switch (custody?.backend) {
    case 'vault-transit':
      return { section: 'vaults', word: 'vault', name: custody.vault } as const;
    case 'pkcs11':
      return { section: 'tokens', word: 'token', name: custody.token } as const;
    case 'aws-kms':
    case undefined:
      return {};
  }
}
