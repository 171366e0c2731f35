import { accessSync, constants, readFileSync } from 'node:fs';
import { ConfigError } from '@countersign/runtime/config';
import type { LogLevel } from '@countersign/runtime/log';
import { parseYaml } from '@countersign/runtime/yaml';
import type { ChainsConfig } from './chains.ts';
import { chainsSchema } from './chains-schema.ts';
import type { Env } from './env.ts';

/** Everything this service is told from outside, checked and frozen. */
export interface ApiConfig {
  readonly databaseUrl: string;
  readonly http: { readonly host: string; readonly port: number };
  /** The listener for metrics and probes. */
  readonly observability: { readonly host: string; readonly port: number };
  readonly signer: {
    readonly address: string;
    readonly serverSpiffeId: string;
    readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  };
  readonly chains: ChainsConfig;
  readonly logLevel: LogLevel;
}

/** Builds the configuration from checked variables; reads CHAINS_FILE. Throws a ConfigError that shows no value. */
export function envToCfg(env: Env): ApiConfig {
  for (const name of ['SIGNER_TLS_CA_FILE', 'SIGNER_TLS_CERT_FILE', 'SIGNER_TLS_KEY_FILE'] as const) {
    reading(name, () => accessSync(env[name], constants.R_OK));
  }
  const chainsText = reading('CHAINS_FILE', () => readFileSync(env.CHAINS_FILE, 'utf8'));
  return Object.freeze({
    databaseUrl: env.DATABASE_URL,
    http: Object.freeze({ host: env.API_HOST, port: env.API_PORT }),
    observability: Object.freeze({ host: env.API_METRICS_HOST, port: env.API_METRICS_PORT }),
    signer: Object.freeze({
      address: env.SIGNER_ADDRESS,
      serverSpiffeId: env.SIGNER_SPIFFE_ID,
      tls: Object.freeze({
        caFile: env.SIGNER_TLS_CA_FILE,
        certFile: env.SIGNER_TLS_CERT_FILE,
        keyFile: env.SIGNER_TLS_KEY_FILE,
      }),
    }),
    chains: parseYaml(chainsText, chainsSchema, 'CHAINS_FILE'),
    logLevel: env.LOG_LEVEL,
  });
}

function reading<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new ConfigError([{ where: name, problem: 'expected the path of a file that can be read' }]);
  }
}
