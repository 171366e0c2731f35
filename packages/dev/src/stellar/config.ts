import { readConfig } from '@countersign/runtime/config';
import { z } from 'zod';
import type { StellarRpcOptions } from './rpc/server.ts';

const schema = z.object({
  STELLAR_HOST: z.string().default('127.0.0.1'),
  /** 0 takes a free port. */
  STELLAR_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  STELLAR_PASSPHRASE: z.string().default('Standalone Network ; February 2017'),
  /** Milliseconds between ledgers, or `manual`. */
  STELLAR_CLOSE_MS: z.union([z.literal('manual'), z.coerce.number().int().positive()]).default(1_000),
});

/** The configuration of the process. Throws a ConfigError that names the variables. */
export function readStellarConfig(env: NodeJS.ProcessEnv): StellarRpcOptions {
  const { STELLAR_HOST, STELLAR_PORT, STELLAR_PASSPHRASE, STELLAR_CLOSE_MS } = readConfig(schema, env);
  return {
    host: STELLAR_HOST,
    port: STELLAR_PORT,
    networkPassphrase: STELLAR_PASSPHRASE,
    closeEveryMs: STELLAR_CLOSE_MS,
  };
}
