import { isSpiffeId } from '@countersign/contract/peer';
import { readConfig } from '@countersign/runtime/config';
import { logLevels } from '@countersign/runtime/log';
import { z } from 'zod';

const port = z
  .string()
  .regex(/^[0-9]{1,5}$/, 'expected a port number')
  .transform(Number)
  .refine((number) => number <= 65_535, 'expected at most 65535');

const path = z.string().min(1);

const envSchema = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'expected a postgres:// URL'),
  API_HOST: z.string().min(1).default('127.0.0.1'),
  API_PORT: port,
  SIGNER_ADDRESS: z.string().regex(/^[^\s/]+:[0-9]{1,5}$/, 'expected host:port'),
  SIGNER_TLS_CA_FILE: path,
  SIGNER_TLS_CERT_FILE: path,
  SIGNER_TLS_KEY_FILE: path,
  SIGNER_SPIFFE_ID: z.string().refine(isSpiffeId, 'expected a SPIFFE id'),
  CHAINS_FILE: path,
  LOG_LEVEL: z.enum(logLevels).default('info'),
});

/** The variables this service reads, checked one by one; nothing else reads `process.env`. */
export type Env = z.output<typeof envSchema>;

/** Throws a ConfigError that names every wrong variable, never a value. */
export function readEnv(env: NodeJS.ProcessEnv): Env {
  return readConfig(envSchema, env);
}

/** The part that a command on the database alone needs. */
export function readDatabaseEnv(env: NodeJS.ProcessEnv): Pick<Env, 'DATABASE_URL'> {
  return readConfig(envSchema.pick({ DATABASE_URL: true }), env);
}
