import { readConfig } from '@countersign/runtime/config';
import { z } from 'zod';

const bootstrapSchema = z.object({
  /** Folders of this folder are volumes: one for each service, and `state`. */
  STACK_DIR: z.string(),
  /** JSON-RPC of a local network whose root account nobody has taken. */
  STELLAR_RPC_URL: z.url(),
  EVM_RPC_URL: z.url(),
  /** Makes and keeps the secp256k1 key; without it the dev KMS holds both. */
  LOCAL_KMS_URL: z.url().optional(),
});

const kmsSchema = z.object({
  /** What `bootstrap` wrote. */
  KMS_CONFIG_FILE: z.string(),
  KMS_PORT: z.coerce.number().int().min(0).max(65_535),
  /** Asked for every key that the configuration does not hold. */
  LOCAL_KMS_URL: z.url().optional(),
});

export type BootstrapEnv = z.output<typeof bootstrapSchema>;
export type KmsEnv = z.output<typeof kmsSchema>;

/** @throws ConfigError naming every bad variable, and no value. */
export const readBootstrapEnv = (env: NodeJS.ProcessEnv): BootstrapEnv => readConfig(bootstrapSchema, env);
export const readKmsEnv = (env: NodeJS.ProcessEnv): KmsEnv => readConfig(kmsSchema, env);
