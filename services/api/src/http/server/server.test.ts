import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LightMyRequestResponse } from 'fastify';
import { type ApiHarness, BODY, startApiHarness } from '../../../testing/api-harness.ts';
import { waitUntil } from '../../../testing/wait-until.ts';
import { problemSchema } from '../problem/problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

describe('the HTTP server', () => {
  let api: ApiHarness;

  beforeAll(async () => {
    api = await startApiHarness();
  });
  afterAll(() => api.stop());

  const expectProblem = (answer: LightMyRequestResponse, status: number, code: string) => {
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ]);
    expect(problemSchema.strict().parse(answer.json())).toMatchObject({
      status,
      code,
      type: `urn:countersign:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      request_id: answer.headers['x-request-id'],
    });
    expect(answer.body).not.toMatch(/\bat .*\.(ts|js)|node_modules|FST_|stack/);
  };

  test.each([
    '/',
    '/v1',
    '/v1/',
    '/v1/payouts/',
    '/v2/payouts',
    '/v1/payouts/po_1/x',
    '/.env',
    '/docs/static/none.js',
    '//',
  ])('answers %s with 404', async (url) => {
    expectProblem(await api.get(url), 404, 'NOT_FOUND');
  });

  test.each([
    ['DELETE', '/v1/payouts', 'POST, GET, HEAD'],
    ['PUT', '/v1/payouts/po_1', 'GET, HEAD'],
    ['PATCH', '/v1/payouts?x=1', 'POST, GET, HEAD'],
    ['OPTIONS', '/v1/payouts', 'POST, GET, HEAD'],
    ['POST', '/livez', 'GET, HEAD'],
  ] as const)('answers %s %s with 405 and what is allowed', async (method, url, allow) => {
    const answer = await api.server.inject({ method, url });
    expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.allow).toBe(allow);
  });

  test('answers a body beyond 64 KiB with 413', async () => {
    expectProblem(await api.post({ ...BODY, metadata: { a: 'x'.repeat(70_000) } }), 413, 'PAYLOAD_TOO_LARGE');
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/xml', 'x'])(
    'answers a body of type %s with 415',
    async (type) => {
      expectProblem(await api.post(BODY, { 'content-type': type }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    },
  );

  test('answers a body of no type with 415, and no body at all with what it misses', async () => {
    const headers = { authorization: `Bearer ${api.secret}`, 'idempotency-key': 'k' };
    const send = (payload?: Buffer) =>
      api.server.inject({ method: 'POST', url: '/v1/payouts', headers, ...(payload && { payload }) });
    expectProblem(await send(Buffer.from(JSON.stringify(BODY))), 415, 'UNSUPPORTED_MEDIA_TYPE');
    expectProblem(await send(), 400, 'VALIDATION_FAILED');
  });

  test.each(['application/json', 'application/json; charset=utf-8'])('reads a body of type %s', async (type) => {
    expect((await api.post(BODY, { 'content-type': type })).statusCode).toBe(202);
  });

  test.each(['/v1/payouts/%', '/v1/payouts/%zz', '/%E0%A4%A'])(
    'answers the malformed path %s with 400',
    async (url) => {
      expectProblem(await api.get(url), 400, 'VALIDATION_FAILED');
    },
  );

  test('gives every answer a request id and the security headers', async () => {
    const answers = [
      await api.post(BODY),
      await api.get('/v1/payouts'),
      await api.get('/v1/payouts', { authorization: '' }),
      await api.get('/livez'),
      await api.get('/readyz'),
      await api.get('/openapi.json'),
      await api.get('/nothing'),
      await api.get('/%'),
    ];
    for (const answer of answers) {
      expect(answer.headers).toMatchObject(SECURITY_HEADERS);
      expect(answer.headers['x-request-id']).toMatch(/^rq_[0-9a-f]{32}$/);
      expect(answer.headers).not.toHaveProperty('x-powered-by');
    }
    expect((await api.get('/livez', { 'x-request-id': 'mine-1' })).headers['x-request-id']).toBe('mine-1');
    expect((await api.get('/livez', { 'x-request-id': 'not mine' })).headers['x-request-id']).toMatch(/^rq_/);
  });

  test('answers HEAD as GET without a body', async () => {
    const answer = await api.server.inject({
      method: 'HEAD',
      url: '/v1/payouts',
      headers: { authorization: `Bearer ${api.secret}` },
    });
    expect([answer.statusCode, answer.body]).toEqual([200, '']);
  });

  test('says nothing of an unexpected error but its request id, and logs the cause', async () => {
    await api.pool.query('alter table payouts rename column destination to elsewhere');
    try {
      const answer = await api.get('/v1/payouts', { 'x-request-id': 'broken' });
      expectProblem(answer, 500, 'INTERNAL');
      expect(answer.body).not.toMatch(/column|select/i);
      expect(api.log.some((line) => /broken/.test(line) && /column \\"destination\\"/.test(line))).toBe(true);
    } finally {
      await api.pool.query('alter table payouts rename column elsewhere to destination');
    }
  });

  test('logs no secret', () => {
    expect(api.log.length).toBeGreaterThan(10);
    expect(api.log.join('')).not.toContain(api.secret.slice(3));
  });

  test('refuses what is no HTTP with a problem, and hangs up', async () => {
    const url = await api.server.listen({ host: '127.0.0.1', port: 0 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('HELLO\r\n\r\n');
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    await once(socket, 'close');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(head).toContain('content-type: application/problem+json');
    expect(problemSchema.parse(JSON.parse(body))).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(head).toContain(`x-request-id: ${JSON.parse(body).request_id}`);
  });
});

describe('a server that shuts down', () => {
  test('answers what is in flight and takes nothing more', async () => {
    const api = await startApiHarness();
    const url = await api.server.listen({ host: '127.0.0.1', port: 0 });
    const blocker = await api.pool.connect();
    try {
      await blocker.query('begin; lock table payout_events in exclusive mode');
      const inFlight = fetch(`${url}/v1/payouts`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${api.secret}`,
          'content-type': 'application/json',
          'idempotency-key': 'in-flight',
        },
        body: JSON.stringify(BODY),
      });
      await waitUntil(async () => (await api.pool.query('select 1 from pg_locks where not granted')).rows.length > 0);

      const closed = api.http.close();
      await waitUntil(() =>
        fetch(`${url}/livez`).then(
          () => false,
          () => true,
        ),
      );
      await blocker.query('commit');
      expect((await inFlight).status).toBe(202);
      await closed;
      expect(await api.count('payouts')).toBe(1);
    } finally {
      blocker.release(true);
      await api.stop();
    }
  });
});
