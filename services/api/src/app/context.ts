import { createSignerClient, type SignerClient } from '@countersign/contract/grpc';
import { createLogger, type Logger } from '@countersign/runtime/log';
import { createMetrics } from '@countersign/runtime/metrics';
import { createPool, type Pool } from '@countersign/runtime/postgres';
import type { Registry } from 'prom-client';
import type { ChainsConfig } from '../config/chains.ts';
import type { ApiConfig } from '../config/config.ts';
import { createSignerHealth, type SignerHealth } from './signer-health.ts';

/** What the parts of this service share; made once from the configuration. */
export interface AppContext {
  readonly chains: ChainsConfig;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Of the HTTP face. */
  readonly pool: Pool;
  /** Of the engine, so that its work never keeps a request waiting for a connection. */
  readonly enginePool: Pool;
  readonly signer: SignerClient;
  readonly signerHealth: SignerHealth;
}

export function createContext(config: ApiConfig): AppContext {
  const log = createLogger({ service: 'api', level: config.logLevel });
  const openPool = (applicationName: string): Pool =>
    createPool({
      url: config.databaseUrl,
      max: 20,
      applicationName,
      connectTimeoutMs: 3_000,
      onError: (err) => log.warn({ err, applicationName }, 'database connection lost'),
    });
  return {
    chains: config.chains,
    log,
    metrics: createMetrics('api'),
    pool: openPool('countersign-api'),
    enginePool: openPool('countersign-engine'),
    signer: createSignerClient({
      ...config.signer,
      onTlsFilesRefused: (err) => log.error({ err }, 'certificate files refused; those before them stay in force'),
    }),
    signerHealth: createSignerHealth(config.signer),
  };
}

export async function closeContext(context: AppContext): Promise<void> {
  context.signer.close();
  context.signerHealth.close();
  await Promise.all([context.pool.end(), context.enginePool.end()]);
}
