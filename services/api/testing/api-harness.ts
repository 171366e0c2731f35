import { randomUUID } from 'node:crypto';
import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import { createLogger } from '@countersign/runtime/log';
import { createMetrics } from '@countersign/runtime/metrics';
import { createPool, type Pool } from '@countersign/runtime/postgres';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { createHttpApp, type HttpApp } from '../src/app/app.ts';
import type { AppContext } from '../src/app/context.ts';
import { prepareDatabase } from '../src/app/database.ts';
import { mintApiKey } from '../src/http/access/mint.ts';
import { SCOPES } from '../src/http/access/route-access.ts';
import { CHAINS, STELLAR_ASSET } from './chains.ts';

export const DESTINATION = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';

/** A body that is accepted. */
export const BODY = { asset: STELLAR_ASSET, amount: '12.5', destination: DESTINATION } as const;

export interface ApiHarness {
  readonly postgres: Postgres<'api'>;
  readonly context: AppContext;
  readonly pool: Pool;
  readonly http: HttpApp;
  readonly server: FastifyInstance;
  /** An API key with all scopes. */
  readonly secret: string;
  readonly log: readonly string[];
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** With a new Idempotency-Key where none is given. */
  post(body: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  count(table: 'payouts' | 'payout_events' | 'idempotency_keys' | 'audit_events'): Promise<number>;
  stop(): Promise<void>;
}

/** The HTTP face over a real Postgres, with an API key; nobody signs. */
export async function startApiHarness(overrides: Partial<AppContext> = {}): Promise<ApiHarness> {
  const postgres = await startPostgres({ databases: ['api'] });
  const log: string[] = [];
  const pool = createPool({ url: postgres.urls.api, connectTimeoutMs: 2_000 });
  const context: AppContext = { ...quietContext(pool, log), ...overrides };
  await prepareDatabase(pool);
  const { secret } = await mintApiKey(pool, { name: 'test', scope: SCOPES });
  const http = await createHttpApp(context);
  const authorization = `Bearer ${secret}`;
  return {
    postgres,
    context,
    pool,
    http,
    server: http.server,
    secret,
    log,
    get: (url, headers = {}) => http.server.inject({ method: 'GET', url, headers: { authorization, ...headers } }),
    post: (body, headers = {}) =>
      http.server.inject({
        method: 'POST',
        url: '/v1/payouts',
        headers: { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...headers },
        payload: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    count: async (table) => {
      const { rows } = await pool.query<{ count: bigint }>(`select count(*) as count from ${table}`);
      return Number(rows[0]?.count);
    },
    stop: async () => {
      await http.close();
      await pool.end();
      await postgres.stop();
    },
  };
}

/** A context whose signer is healthy and never asked to sign. */
export function quietContext(pool: Pool, log: string[]): AppContext {
  const refuse = () => Promise.reject(new Error('the HTTP face must not call the signer'));
  return {
    chains: CHAINS,
    log: createLogger({ service: 'api', level: 'info', destination: { write: (line) => void log.push(line) } }),
    metrics: createMetrics('api'),
    pool,
    enginePool: pool,
    signer: { signTransaction: refuse, listKeys: refuse, getKey: refuse, close: () => undefined },
    signerHealth: { check: () => Promise.resolve(), close: () => undefined },
  };
}
