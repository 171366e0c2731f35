import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiHarness, BODY, startApiHarness } from '../../../testing/api-harness.ts';
import { waitUntil } from '../../../testing/wait-until.ts';

describe('health and metrics', () => {
  let signerServes = true;
  let api: ApiHarness;

  beforeAll(async () => {
    const check = async () => {
      if (!signerServes) throw new Error('14 UNAVAILABLE: 10.0.0.7:9000');
    };
    api = await startApiHarness({ signerHealth: { check, close: () => undefined } });
  });
  afterAll(() => api.stop());

  const metric = async (name: string, labels: string): Promise<number | undefined> => {
    const line = (await api.context.metrics.metrics())
      .split('\n')
      .find((text) => text.startsWith(`${name}{${labels}}`));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  };

  test('are ready when the database and the signer answer', async () => {
    expect((await api.get('/readyz')).json()).toEqual({ status: 'ok' });
  });

  test('say that the signer is missing, and not where it was looked for', async () => {
    signerServes = false;
    try {
      const answer = await api.get('/readyz');
      expect(answer.statusCode).toBe(503);
      expect(answer.json().errors).toEqual([
        { field: 'signer', code: 'NOT_READY', message: 'the signer does not answer' },
      ]);
      expect(answer.body).not.toContain('10.0.0.7');
      expect((await api.get('/livez')).statusCode).toBe(200);
    } finally {
      signerServes = true;
    }
  });

  test('time requests by route, method and class of status, and never by path', async () => {
    const { id } = (await api.post(BODY)).json();
    await api.get(`/v1/payouts/${id}`);
    await api.get('/v1/payouts/po_0');
    await api.get('/some/where');
    await api.post({});
    const count = (route: string, method: string, status: string) =>
      metric('countersign_http_requests_seconds_count', `route="${route}",method="${method}",status="${status}"`);
    expect(await count('/v1/payouts/:id', 'GET', '2xx')).toBe(1);
    expect(await count('/v1/payouts/:id', 'GET', '4xx')).toBe(1);
    expect(await count('unknown', 'GET', '4xx')).toBe(1);
    expect(await count('/v1/payouts', 'POST', '4xx')).toBe(1);
    expect(await api.context.metrics.metrics()).not.toMatch(/po_[0-9a-f]{4}|some\/where/);
  });

  test('count payouts by state', async () => {
    const { id } = (await api.post(BODY)).json();
    const all = await api.count('payouts');
    await waitUntil(async () => (await metric('countersign_payouts', 'status="created"')) === all);
    expect(await metric('countersign_payouts', 'status="completed"')).toBe(0);
    await api.pool.query(`update payouts set status = 'completed' where id = $1`, [id]);
    await waitUntil(async () => (await metric('countersign_payouts', 'status="completed"')) === 1);
    expect(await metric('countersign_payouts', 'status="created"')).toBe(all - 1);
  });

  test('show what else is on the registry', async () => {
    expect(await api.context.metrics.metrics()).toContain('countersign_build_info{service="api"');
  });
});

describe('a database that is gone', () => {
  test('makes every request 503, and the process recovers by itself', async () => {
    const api = await startApiHarness();
    try {
      const first = await api.post(BODY, { 'idempotency-key': 'before' });
      await api.postgres.crash();
      for (const answer of [
        await api.post(BODY, { 'idempotency-key': 'during' }),
        await api.get('/v1/payouts'),
        await api.get(`/v1/payouts/${first.json().id}`),
        await api.get('/nothing'),
      ]) {
        expect(answer.statusCode).toBe(503);
        expect(answer.headers).toMatchObject({
          'content-type': 'application/problem+json; charset=utf-8',
          'retry-after': '1',
        });
        expect(answer.json()).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
        expect(answer.body).not.toMatch(/ECONN|127\.0\.0\.1|postgres|terminat/i);
      }
      expect((await api.get('/livez')).statusCode).toBe(200);
      const ready = await api.get('/readyz');
      expect(ready.statusCode).toBe(503);
      expect(ready.json().errors).toEqual([
        { field: 'database', code: 'NOT_READY', message: 'the database does not answer' },
      ]);
      expect(await api.context.metrics.metrics()).not.toMatch(/^countersign_payouts\{/m);

      await api.postgres.restart();
      expect((await api.post(BODY, { 'idempotency-key': 'before' })).body).toBe(first.body);
      expect((await api.post(BODY, { 'idempotency-key': 'during' })).statusCode).toBe(202);
      expect((await api.get('/readyz')).statusCode).toBe(200);
      expect(await api.count('payouts')).toBe(2);
    } finally {
      await api.stop();
    }
  });
});
