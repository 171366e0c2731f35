import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { faultStateSchema } from './faults.ts';

const credentials = z.strictObject({
  accessKeyId: z.string().regex(/^[\w-]+$/),
  secretAccessKey: z.string().min(1),
});

/** Known to everybody who reads this: they protect nothing, they tell the two roles apart. */
const DEV_CREDENTIALS = {
  signer: { accessKeyId: 'DEVSIGNER', secretAccessKey: 'dev-only-signer' },
  operator: { accessKeyId: 'DEVOPERATOR', secretAccessKey: 'dev-only-operator' },
};

const keySchema = z.strictObject({
  alias: z.string().regex(/^alias\/[a-zA-Z0-9/_-]+$/),
  algorithm: z.enum(['ed25519', 'secp256k1']),
  /** 64 hex digits: an Ed25519 seed or a secp256k1 scalar. A new key is made when absent. */
  privateKey: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/)
    .optional(),
});

export const kmsConfigSchema = z.strictObject({
  host: z.string().default('127.0.0.1'),
  /** 0 takes a free port. */
  port: z.int().min(0).max(65535).default(0),
  region: z.string().default('us-east-1'),
  account: z
    .string()
    .regex(/^\d{12}$/)
    .default('111122223333'),
  credentials: z.strictObject({ signer: credentials, operator: credentials }).default(DEV_CREDENTIALS),
  keys: z.array(keySchema).default([]),
  /** Latency, quota and faults from the first call on. */
  faults: faultStateSchema.prefault({}),
});

export type KmsConfig = z.output<typeof kmsConfigSchema>;
export type KmsOptions = z.input<typeof kmsConfigSchema>;

/** The configuration of the process: a JSON file, else the JSON in the variable DEV_KMS_CONFIG, else all defaults. */
export async function readKmsConfig(file: string | undefined, env: NodeJS.ProcessEnv): Promise<KmsConfig> {
  const { DEV_KMS_CONFIG: inline = '{}' } = env;
  return kmsConfigSchema.parse(JSON.parse(file === undefined ? inline : await readFile(file, 'utf8')));
}
