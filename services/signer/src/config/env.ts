import { readConfig } from '@countersign/runtime/config';
import { logLevels } from '@countersign/runtime/log';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

/** Every variable that the signer reads, but for the seeds that KEYS_FILE names and those of the AWS SDK's credential chain. */
const schema = z.object({
  /** `development` admits AWS_ENDPOINT_URL_KMS. */
  COUNTERSIGN_MODE: z.enum(['production', 'development']).default('production'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  SIGNER_HOST: z.string().default('127.0.0.1'),
  SIGNER_PORT: port.default(7443),
  SIGNER_METRICS_PORT: port.default(9464),
  /** The CA of callers, and the signer's own certificate and key; PEM files. */
  SIGNER_TLS_CA_FILE: z.string(),
  SIGNER_TLS_CERT_FILE: z.string(),
  SIGNER_TLS_KEY_FILE: z.string(),
  KEYS_FILE: z.string(),
  POLICY_FILE: z.string(),
  FLAGS_FILE: z.string(),
  /** Names the audit chain of this replica; replicas of one database have different names. */
  SIGNER_REPLICA: z
    .string()
    .regex(/^[a-z0-9.-]{1,63}$/, 'expected 1–63 characters of [a-z0-9.-]')
    .default('signer-0'),
  LOG_LEVEL: z.enum(logLevels).default('info'),
  AWS_REGION: z.string().optional(),
  AWS_ENDPOINT_URL_KMS: z.url().optional(),
});

export type SignerEnv = z.output<typeof schema>;

/** @throws ConfigError naming every bad variable, and no value. */
export function readEnv(env: NodeJS.ProcessEnv): SignerEnv {
  return readConfig(schema, env);
}
