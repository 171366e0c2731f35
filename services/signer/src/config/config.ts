import type { TlsFiles } from '@countersign/contract/grpc';
import type { Surroundings } from '@countersign/custody/surroundings';
import { ConfigError } from '@countersign/runtime/config';
import type { LogLevel } from '@countersign/runtime/log';
import { readText } from '@countersign/runtime/text-file';
import type { Rate } from '@countersign/runtime/token-bucket';
import { type AuditConfig, auditConfig } from '../audit/audit-config.ts';
import { type LoadedPolicy, loadPolicy, type PolicyFiles } from '../policy/load-policy.ts';
import type { CallLimits } from '../wall/call-gate.ts';
import type { SignerEnv } from './env.ts';

/** All that the signer is told from outside; nothing else is read after the start but the files that are watched. */
export interface SignerConfig {
  readonly databaseUrl: string;
  readonly host: string;
  readonly port: number;
  /** The listener for metrics and probes. */
  readonly observability: { readonly host: string; readonly port: number };
  /** Watched while the signer runs. */
  readonly tls: TlsFiles;
  readonly wall: {
    readonly calls: CallLimits;
    /** Refusals of one caller that leave an event each. */
    readonly denials: Rate;
    readonly connectionAgeMs: number;
  };
  readonly replica: string;
  readonly logLevel: LogLevel;
  /** The policy as it was at the start, and the keys. */
  readonly policy: LoadedPolicy;
  readonly policyFiles: PolicyFiles;
  readonly flagsFile: string;
  readonly aws: Surroundings['aws'];
  readonly audit: AuditConfig;
  /** Where the seeds of the legacy path are, and the AWS SDK's credentials. */
  readonly env: NodeJS.ProcessEnv;
}

/** @throws ConfigError naming the variable, or the file, line and field. */
export function envToCfg(vars: SignerEnv, env: NodeJS.ProcessEnv, now: Date = new Date()): SignerConfig {
  const development = vars.COUNTERSIGN_MODE === 'development';
  const policyFiles = policyFilesOf(vars);
  const policy = loadPolicy(policyFiles, now);
  return {
    databaseUrl: vars.DATABASE_URL,
    host: vars.SIGNER_HOST,
    port: vars.SIGNER_PORT,
    observability: { host: vars.SIGNER_METRICS_HOST, port: vars.SIGNER_METRICS_PORT },
    tls: {
      caFile: vars.SIGNER_TLS_CA_FILE,
      certFile: vars.SIGNER_TLS_CERT_FILE,
      keyFile: vars.SIGNER_TLS_KEY_FILE,
    },
    wall: {
      calls: {
        maxInFlight: vars.WALL_MAX_IN_FLIGHT,
        rate: { perSecond: vars.WALL_RATE_PER_SECOND, burst: vars.WALL_RATE_BURST },
      },
      denials: { perSecond: vars.WALL_DENIALS_PER_SECOND, burst: vars.WALL_DENIALS_BURST },
      connectionAgeMs: vars.WALL_CONNECTION_AGE_SECONDS * 1000,
    },
    replica: vars.SIGNER_REPLICA,
    logLevel: vars.LOG_LEVEL,
    policy,
    policyFiles,
    flagsFile: vars.FLAGS_FILE,
    audit: auditConfig(vars, policy.keys),
    aws: {
      mode: vars.COUNTERSIGN_MODE,
      signPerSecond: vars.KMS_SIGN_PER_SECOND,
      ...(vars.AWS_REGION === undefined ? {} : { region: vars.AWS_REGION }),
      // In production custody finds the variable by itself, and refuses it by its name.
      ...(development && vars.AWS_ENDPOINT_URL_KMS !== undefined ? { endpoint: vars.AWS_ENDPOINT_URL_KMS } : {}),
    },
    env,
  };
}

/** Signatures are asked for by three variables together: one of them that is missing must not pass for none. */
function policyFilesOf(vars: SignerEnv): PolicyFiles {
  const files = { policy: vars.POLICY_FILE, keys: vars.KEYS_FILE };
  const { POLICY_SIGNATURES_FILE, POLICY_SIGNERS_FILE, POLICY_SIGNATURES_NEEDED: needed } = vars;
  const given = { POLICY_SIGNATURES_FILE, POLICY_SIGNERS_FILE, POLICY_SIGNATURES_NEEDED: needed };
  const missing = Object.entries(given).filter(([, value]) => value === undefined);
  if (missing.length === 3) return files;
  if (POLICY_SIGNATURES_FILE === undefined || POLICY_SIGNERS_FILE === undefined || needed === undefined) {
    const problem = `missing: ${Object.keys(given).join(', ')} are set together, or none of them`;
    throw new ConfigError(missing.map(([where]) => ({ where, problem })));
  }
  const signers = readText(POLICY_SIGNERS_FILE, 'POLICY_SIGNERS_FILE');
  return { ...files, signed: { signatures: POLICY_SIGNATURES_FILE, signers, needed } };
}
