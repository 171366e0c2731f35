import { readConfig } from '@countersign/runtime/config';
import { logLevels } from '@countersign/runtime/log';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65_535);

const file = z.string();

const count = (max: number) => z.coerce.number().int().min(1).max(max);

/**
 * Every variable that the signer reads, but for the seeds that KEYS_FILE names and those of the AWS SDK's credential chain.
 * docs/configuration.md is made of it.
 */
export const envSchema = z.object({
  COUNTERSIGN_MODE: z
    .enum(['production', 'development'])
    .default('production')
    .describe('`development` admits `AWS_ENDPOINT_URL_KMS`, and vaults over `http://`; nothing else differs'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).describe('the signer’s own Postgres, as `postgres://…`'),
  SIGNER_HOST: z.string().default('127.0.0.1').describe('where gRPC is served'),
  SIGNER_PORT: port.default(7443).describe('gRPC over mutual TLS 1.3; 0 takes a free port'),
  SIGNER_METRICS_HOST: z.string().default('127.0.0.1').describe('where metrics and probes are served'),
  SIGNER_METRICS_PORT: port
    .default(9464)
    .describe('`/metrics`, `/livez` and `/readyz` over plain HTTP; 0 takes a free port'),
  SIGNER_TLS_CA_FILE: file.describe(
    'PEM: the CA whose certificates callers show, no operator’s CA; watched, as the next two',
  ),
  SIGNER_TLS_CERT_FILE: file.describe('PEM: the signer’s own certificate'),
  SIGNER_TLS_KEY_FILE: file.describe('PEM: the private key of that certificate'),
  KEYS_FILE: file.describe(
    'which keys there are, and where each of them lives; taken while it runs with a new policy, unless keys or their legacy custodies differ; see KEYS_FILE',
  ),
  POLICY_FILE: file.describe('what each key may sign, and for whom; watched while the signer runs; see POLICY_FILE'),
  POLICY_SIGNATURES_FILE: file
    .optional()
    .describe(
      'armored SSH signatures over the policy bundle, one after the other; watched with it. With the next two, or none',
    ),
  POLICY_SIGNERS_FILE: file
    .optional()
    .describe('who may sign a policy bundle: an OpenSSH public key a line, and a name; read once, at the start'),
  POLICY_SIGNATURES_NEEDED: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('of how many of them a bundle needs signatures; without all three an unsigned one is taken'),
  FLAGS_FILE: file.describe('which of its custodies each key signs by; watched while the signer runs; see FLAGS_FILE'),
  SIGNER_REPLICA: z
    .string()
    .regex(/^[a-z0-9.-]{1,63}$/, 'expected 1–63 characters of [a-z0-9.-]')
    .default('signer-0')
    .describe('names the audit chain of this replica; replicas of one database have different names'),
  LOG_LEVEL: z.enum(logLevels).default('info').describe('the least that is logged'),
  AWS_REGION: z.string().optional().describe('the Region of KMS; needed as soon as one key lives there'),
  AWS_ENDPOINT_URL_KMS: z.url().optional().describe('a KMS emulator; refused in production'),
  KMS_SIGN_PER_SECOND: count(1_000_000)
    .default(500)
    .describe(
      'signatures a second that this replica asks KMS for; those beyond wait for their turn. AWS’s quota for keys on elliptic curves is 1,000, shared by all replicas and all else that signs in an account and Region',
    ),
  WALL_MAX_IN_FLIGHT: count(10_000)
    .default(256)
    .describe('calls that one caller may have under way at once; those beyond are `THROTTLED`'),
  WALL_RATE_PER_SECOND: count(1_000_000)
    .default(5_000)
    .describe('calls to sign that one caller may make a second; those beyond are `THROTTLED`'),
  WALL_RATE_BURST: count(1_000_000).default(5_000).describe('as many of them at once, after a quiet time'),
  WALL_DENIALS_PER_SECOND: count(10_000)
    .default(20)
    .describe('refusals of one caller that have an audit event each; those beyond are counted in a summary'),
  WALL_DENIALS_BURST: count(100_000).default(500).describe('as many of them at once, after a quiet time'),
  WALL_CONNECTION_AGE_SECONDS: count(86_400)
    .default(900)
    .describe('how long a connection lives; then the caller connects again, with its certificate of then'),

  AUDIT_FILE: file
    .optional()
    .describe('where the audit events of this replica are exported to, one JSON object a line; one file a replica'),
  AUDIT_STDOUT: z
    .enum(['true', 'false'])
    .default('false')
    .describe('whether they are written to standard output too, among the lines of the log'),
  AUDIT_MAX_LAG_EVENTS: z.coerce
    .number()
    .int()
    .min(1)
    .default(10_000)
    .describe('a sink that is behind by more events stops signing'),
  AUDIT_MAX_LAG_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(60)
    .describe('a sink that is behind by an event older than that stops signing'),
  AUDIT_CHECKPOINT_KEY_FILE: file
    .optional()
    .describe(
      'PEM: an Ed25519 key (PKCS#8) that signs checkpoints over all audit chains, and no key of KEYS_FILE; behind it the public keys that it follows. Not for other users to read. Without it there are no checkpoints',
    ),
  AUDIT_CHECKPOINT_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(60)
    .describe('how long an event waits for a checkpoint at most; after 1,000 events there is one at once'),
});

export type SignerEnv = z.output<typeof envSchema>;

/** @throws ConfigError naming every bad variable, and no value. */
export function readEnv(env: NodeJS.ProcessEnv): SignerEnv {
  return readConfig(envSchema, env);
}
