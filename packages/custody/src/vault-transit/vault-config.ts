import { z } from 'zod';

/** Segments of a path as Vault takes them; none is `.` or `..`, which would lead elsewhere. */
const path = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/, 'expected names with slashes between them');

/** The name by which custodies speak of a vault. */
const vaultName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes')
  .meta({ title: 'vault name' });

const vaultSchema = z.strictObject({
  address: z
    .string()
    .regex(/^https?:\/\/[a-z0-9.:[\]-]+$/, 'expected https:// and a host, perhaps with a port')
    .refine((text) => URL.canParse(text), 'expected a host, and a port below 65536')
    .describe('where Vault or OpenBao answers: `https://`, a host and perhaps a port; `http://` in development alone'),
  mount: path.default('transit').describe('where its Transit engine is mounted'),
  namespace: path.optional().describe('the namespace of that mount, where there are namespaces'),
  ca_file: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM: the CA of its certificate, and the only one then; without it those that Node knows; read at the start',
    ),
  token_file: z
    .string()
    .min(1)
    .describe(
      'holds the token and nothing else; read for each call, so that an agent may renew it; not for other users to read',
    ),
  sign_per_second: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1_000)
    .describe(
      'signatures a second that this replica asks it for; those beyond wait for their turn; below the rate limits of the vault itself, where it has some',
    ),
});
export type VaultPlace = z.infer<typeof vaultSchema>;

export const vaultsSchema = z.record(vaultName, vaultSchema);

export const vaultCustody = z.strictObject({
  backend: z
    .literal('vault-transit')
    .describe('the key is in the Transit engine of a HashiCorp Vault or OpenBao; ed25519 alone'),
  vault: vaultName.describe('which one: a name of `vaults`'),
  key: z
    .string()
    .max(256)
    .regex(/^[A-Za-z0-9_]+([.-]+[A-Za-z0-9_]+)*$/, 'expected letters, digits, dots, dashes and underscores')
    .describe('the name of the key in it'),
  version: z
    .int()
    .min(1)
    .optional()
    .describe('which version of the key, and no other; without it the one that is the latest at the start'),
});
export type VaultCustody = z.infer<typeof vaultCustody>;
