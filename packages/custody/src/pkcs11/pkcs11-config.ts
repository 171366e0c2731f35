import { z } from 'zod';

/** The name by which custodies speak of a token. */
const tokenName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes')
  .meta({ title: 'token name' });

const absolutePath = z.string().max(4096).regex(/^\//, 'expected an absolute path');

const pinSchema = z
  .strictObject({
    file: absolutePath
      .optional()
      .describe('holds the PIN and nothing else; read at each login; not for other users to read'),
    command: z
      .array(z.string().max(4096))
      .min(1)
      .optional()
      .describe('a program and its arguments, which prints the PIN; run without a shell, and with PATH alone'),
  })
  .refine((pin) => (pin.file === undefined) !== (pin.command === undefined), 'expected file or command');

const tokenSchema = z.strictObject({
  module: absolutePath.describe('the PKCS#11 library of the HSM'),
  label: z.string().min(1).max(32).describe('the label of the token; there has to be one of that label'),
  pin: pinSchema.describe('where the PIN of its user is read: `file` or `command`'),
  sessions: z
    .int()
    .min(1)
    .max(128)
    .default(4)
    .describe(
      'signatures at a time; those beyond wait for their turn; of all tokens together UV_THREADPOOL_SIZE (default 4) less two',
    ),
});

export const tokensSchema = z.record(tokenName, tokenSchema);

export const pkcs11Custody = z.strictObject({
  backend: z.literal('pkcs11').describe('the key is in an HSM that speaks PKCS#11, and never leaves it'),
  token: tokenName.describe('which token: a name of `tokens`'),
  label: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[^\p{C}]+$/u, 'expected printable characters')
    .describe('CKA_LABEL of the private and of the public key'),
  id: z
    .string()
    .regex(/^([0-9a-f]{2}){1,64}$/, 'expected lower-case hex digits, two a byte')
    .optional()
    .describe('CKA_ID of both; needed where several keys have the label'),
});
