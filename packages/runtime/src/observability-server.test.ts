import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { createMetrics } from './metrics.ts';
import { type ObservabilityServer, startObservabilityServer } from './observability-server.ts';

let ready: () => Promise<void>;
let failures: string[];
let server: ObservabilityServer;

beforeEach(async () => {
  ready = async () => undefined;
  failures = [];
  server = await startObservabilityServer({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics('signer'),
    checks: { database: () => ready(), keys: async () => undefined },
    checkTimeoutMs: 30,
    onCheckFailed: (name, error) => failures.push(`${name}: ${error}`),
  });
});

afterEach(() => server.close());

const get = (path: string, init?: RequestInit) => fetch(`${server.url}${path}`, init);

describe('the observability listener', () => {
  test('shows metrics as Prometheus reads them', async () => {
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain('countersign_build_info{service="signer"');
  });

  test('is alive and ready', async () => {
    expect((await get('/livez')).status).toBe(200);
    const response = await get('/readyz?verbose');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ready: true, failed: [] });
  });

  test('names what is not ready, and says why to the log alone', async () => {
    ready = async () => {
      throw new Error('password=hunter2');
    };
    const response = await get('/readyz');
    expect(response.status).toBe(503);
    expect(await response.text()).toBe('{"ready":false,"failed":["database"]}\n');
    expect(failures).toEqual(['database: Error: password=hunter2']);
    expect((await get('/livez')).status).toBe(200);
  });

  test('does not wait for a check that hangs', async () => {
    ready = () => new Promise(() => undefined);
    expect((await get('/readyz')).status).toBe(503);
    expect(failures).toEqual([expect.stringContaining('TimeoutError')]);
  });

  test('looks once for probes that come together, and again for the next', async () => {
    let looks = 0;
    const never = () => {
      looks += 1;
      return new Promise<void>(() => undefined);
    };
    const metrics = createMetrics('signer');
    const other = await startObservabilityServer({
      host: '127.0.0.1',
      port: 0,
      metrics,
      checks: { database: never },
      checkTimeoutMs: 1_000,
    });
    const probe = async () => (await fetch(`${other.url}/readyz`)).status;
    expect(await Promise.all([probe(), probe(), probe()])).toEqual([503, 503, 503]);
    expect(looks).toBe(1);
    expect(await probe()).toBe(503);
    expect(looks).toBe(2);
    await other.close();
  });

  test('is read-only, and knows three paths', async () => {
    const posted = await get('/metrics', { method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await get('/')).status).toBe(404);
    expect((await get('/readyz/', { method: 'HEAD' })).status).toBe(404);
    const head = await get('/livez', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('closes with connections open', async () => {
    const open = connect(server.port, '127.0.0.1');
    await once(open, 'connect');
    open.write('GET /livez HTTP/1.1\r\n');
    const hungUp = once(open, 'close');
    await get('/livez');
    await server.close();
    await hungUp;
    await expect(get('/livez')).rejects.toThrow();
    server = await startObservabilityServer({ host: '127.0.0.1', port: 0, metrics: new Registry(), checks: {} });
  });

  test('cuts off a metric that cannot be read', async () => {
    const metrics = new Registry();
    metrics.metrics = () => Promise.reject(new Error('broken'));
    const broken = await startObservabilityServer({ host: '127.0.0.1', port: 0, metrics, checks: {} });
    await expect(fetch(`${broken.url}/metrics`)).rejects.toThrow();
    await broken.close();
  });

  test('does not start on a port that is taken', async () => {
    const { port } = server;
    await expect(
      startObservabilityServer({ host: '127.0.0.1', port, metrics: new Registry(), checks: {} }),
    ).rejects.toThrow(/EADDRINUSE/);
  });
});
