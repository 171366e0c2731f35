import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevPki, type DevPki, SPIFFE_IDS } from '@countersign/dev/pki';
import { type Postgres, startPostgres } from '@countersign/dev/postgres';
import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BODY } from '../../testing/api-harness.ts';
import { CHAINS_YAML } from '../../testing/chains.ts';
import { type SignerHealthServer, startSignerHealthServer } from '../../testing/signer-health-server.ts';
import { waitUntil } from '../../testing/wait-until.ts';
import { envToCfg } from '../config/config.ts';
import { readEnv } from '../config/env.ts';
import { mintApiKey } from '../http/access/mint.ts';
import { startApi } from './api.ts';
import { createSignerHealth } from './signer-health.ts';

describe('the API as a whole', () => {
  let directory: string;
  let pki: DevPki;
  let postgres: Postgres<'api'>;
  let signer: SignerHealthServer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-api-'));
    pki = await createDevPki(join(directory, 'pki'));
    postgres = await startPostgres({ databases: ['api'] });
    signer = await startSignerHealthServer(pki);
    await writeFile(join(directory, 'chains.yaml'), CHAINS_YAML);
  });
  afterAll(async () => {
    await signer.stop();
    await postgres.stop();
    await rm(directory, { recursive: true });
  });

  const env = () => ({
    DATABASE_URL: postgres.urls.api,
    API_PORT: '0',
    API_METRICS_PORT: '0',
    SIGNER_ADDRESS: signer.address,
    SIGNER_TLS_CA_FILE: pki.apiCaFile,
    SIGNER_TLS_CERT_FILE: pki.api.certFile,
    SIGNER_TLS_KEY_FILE: pki.api.keyFile,
    SIGNER_SPIFFE_ID: SPIFFE_IDS.signer,
    CHAINS_FILE: join(directory, 'chains.yaml'),
    LOG_LEVEL: 'silent',
  });
  const configOf = (changes: Record<string, string> = {}) => envToCfg(readEnv({ ...env(), ...changes }));

  test('starts on an empty database, accepts a payout, and stops leaving no connection', async () => {
    const api = await startApi(configOf());
    const pool = createPool({ url: postgres.urls.api, applicationName: 'the test' });
    try {
      const { secret } = await mintApiKey(pool, { name: 'test', scope: ['payouts:write'] });
      const answer = await fetch(`${api.url}/v1/payouts`, {
        method: 'POST',
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', 'idempotency-key': 'k' },
        body: JSON.stringify(BODY),
      });
      expect(answer.status).toBe(202);
    } finally {
      await api.close();
    }
    await expect(fetch(`${api.url}/livez`)).rejects.toThrow();
    await waitUntil(async () => {
      const { rows } = await pool.query(`select 1 from pg_stat_activity where application_name like 'countersign%'`);
      return rows.length === 0;
    });
    await pool.end();
  });

  test('is ready when the signer says that it serves, over the wall', async () => {
    const api = await startApi(configOf());
    const ready = async () => (await fetch(`${api.url}/readyz`)).status;
    try {
      expect(await ready()).toBe(503);
      signer.health.set('', true);
      expect(await ready()).toBe(200);
      signer.health.set('', false);
      expect(await ready()).toBe(503);
    } finally {
      await api.close();
    }
  });

  test('shows metrics and what is not ready to operations, and no metrics to the public', async () => {
    signer.health.set('', false);
    const api = await startApi(configOf());
    try {
      expect((await fetch(`${api.url}/metrics`)).status).toBe(404);
      expect(await (await fetch(`${api.metricsUrl}/metrics`)).text()).toContain('countersign_http_requests_seconds');
      const ready = await fetch(`${api.metricsUrl}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([503, { ready: false, failed: ['signer'] }]);
    } finally {
      await api.close();
    }
    await expect(fetch(`${api.metricsUrl}/livez`)).rejects.toThrow();
  });

  test('takes no other server for the signer', async () => {
    signer.health.set('', true);
    const check = async (serverSpiffeId: string) => {
      const health = createSignerHealth({ ...configOf().signer, serverSpiffeId });
      try {
        await health.check(2_000);
      } finally {
        health.close();
      }
    };
    await expect(check(SPIFFE_IDS.signer)).resolves.toBeUndefined();
    await expect(check(SPIFFE_IDS.operator)).rejects.toThrow();
  });

  test('does not start without its database, and does not say where that was', async () => {
    const url = 'postgres://countersign:hunter2@127.0.0.1:1/api';
    const error: unknown = await startApi(configOf({ DATABASE_URL: url })).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain('ECONNREFUSED');
    expect(String(error)).not.toContain('hunter2');
  });
});
