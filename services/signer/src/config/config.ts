import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { types } from 'node:util';
import { type AwsOptions, type KeysConfig, keysSchema } from '@countersign/custody/registry';
import { type Policy, policySchema } from '@countersign/policy/schema';
import { ConfigError } from '@countersign/runtime/config';
import type { LogLevel } from '@countersign/runtime/log';
import { parseYaml } from '@countersign/runtime/yaml';
import { checkPolicy } from './check-policy.ts';
import type { SignerEnv } from './env.ts';

/** All that the signer is told from outside; nothing else is read after the start but the flags file. */
export interface SignerConfig {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** The listener for metrics and probes. */
  readonly observability: { readonly host: string; readonly port: number };
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  readonly replica: string;
  readonly logLevel: LogLevel;
  readonly keys: KeysConfig;
  readonly policy: Policy;
  /** sha-256 of the policy file, hex. */
  readonly policyDigest: string;
  readonly flagsFile: string;
  readonly aws: AwsOptions;
  /** Where the seeds of the legacy path are, and the AWS SDK's credentials. */
  readonly env: NodeJS.ProcessEnv;
}

/** @throws ConfigError naming the variable, or the file, line and field. */
export function envToCfg(vars: SignerEnv, env: NodeJS.ProcessEnv, now: Date = new Date()): SignerConfig {
  const development = vars.COUNTERSIGN_MODE === 'development';
  const policyText = readText('POLICY_FILE', vars.POLICY_FILE);
  const policy = parseYaml(policyText, policySchema, vars.POLICY_FILE);
  const keys = parseYaml(readText('KEYS_FILE', vars.KEYS_FILE), keysSchema, vars.KEYS_FILE);
  return {
    databaseUrl: vars.DATABASE_URL,
    host: vars.SIGNER_HOST,
    port: vars.SIGNER_PORT,
    observability: { host: vars.SIGNER_METRICS_HOST, port: vars.SIGNER_METRICS_PORT },
    tls: { ca: vars.SIGNER_TLS_CA_FILE, cert: vars.SIGNER_TLS_CERT_FILE, key: vars.SIGNER_TLS_KEY_FILE },
    replica: vars.SIGNER_REPLICA,
    logLevel: vars.LOG_LEVEL,
    keys,
    policy: checkPolicy(policy, keys, vars.POLICY_FILE, now),
    policyDigest: createHash('sha256').update(policyText).digest('hex'),
    flagsFile: vars.FLAGS_FILE,
    aws: {
      mode: vars.COUNTERSIGN_MODE,
      ...(vars.AWS_REGION === undefined ? {} : { region: vars.AWS_REGION }),
      // In production custody finds the variable by itself, and refuses it by its name.
      ...(development && vars.AWS_ENDPOINT_URL_KMS !== undefined ? { endpoint: vars.AWS_ENDPOINT_URL_KMS } : {}),
    },
    env,
  };
}

function readText(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigError([{ where: variable, problem: `cannot read the file (${code})` }]);
  }
}
