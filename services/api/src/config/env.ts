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

/** docs/configuration.md is made of it. */
export const envSchema = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected a postgres:// URL')
    .describe('the API’s own Postgres; never the signer’s'),
  API_HOST: z.string().min(1).default('127.0.0.1').describe('the address that HTTP is listened on'),
  API_METRICS_HOST: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('where metrics and probes are served; not to be reached by the public'),
  API_METRICS_PORT: port
    .prefault('9465')
    .describe('`/metrics`, `/livez` and `/readyz` over plain HTTP; 0 takes a free port'),
  API_PORT: port.describe('HTTP, at most 65535; 0 takes a free port'),
  SIGNER_ADDRESS: z
    .string()
    .regex(/^[^\s/]+:[0-9]{1,5}$/, 'expected host:port')
    .describe('where the signer listens for gRPC, as `host:port`'),
  SIGNER_TLS_CA_FILE: path.describe('PEM: the CA of the signer’s certificate; watched, as the next two'),
  SIGNER_TLS_CERT_FILE: path.describe('PEM: the certificate that the API shows to the signer'),
  SIGNER_TLS_KEY_FILE: path.describe('PEM: the private key of that certificate'),
  SIGNER_SPIFFE_ID: z
    .string()
    .refine(isSpiffeId, 'expected a SPIFFE id')
    .describe('whom the API speaks to: the SPIFFE ID that has to be in the signer’s certificate'),
  CHAINS_FILE: path.describe('the networks and treasuries that payouts run on; see CHAINS_FILE'),
  LOG_LEVEL: z.enum(logLevels).default('info').describe('the least that is logged'),
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
