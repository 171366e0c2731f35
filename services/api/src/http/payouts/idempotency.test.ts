import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiHarness, BODY, quietContext, startApiHarness } from '../../../testing/api-harness.ts';
import { waitUntil } from '../../../testing/wait-until.ts';
import { createHttpApp, type HttpApp } from '../../app/app.ts';
import { mintApiKey } from '../access/mint.ts';
import { readIdempotencyKey } from './idempotency.ts';

describe('an Idempotency-Key', () => {
  let api: ApiHarness;
  let replica: HttpApp;

  beforeAll(async () => {
    api = await startApiHarness();
    replica = await createHttpApp(quietContext(api.pool, []));
  });
  afterAll(async () => {
    await replica.close();
    await api.stop();
  });

  const stored = () => Promise.all([api.count('payouts'), api.count('payout_events'), api.count('idempotency_keys')]);

  test('is asked for', async () => {
    const before = await stored();
    const answer = await api.post(BODY, { 'idempotency-key': '' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().code).toBe('IDEMPOTENCY_KEY_MISSING');
    expect(await stored()).toEqual(before);
  });

  test.each(['x'.repeat(256), 'a b', 'a\tb', 'ü', ['a', 'b']])('must be well formed: %j', (header) => {
    expect(() => readIdempotencyKey(header)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  test.each(['x', '!~', 'x'.repeat(255)])('may be any printable ASCII: %s', (header) => {
    expect(readIdempotencyKey(header)).toBe(header);
  });

  test('gives the first answer again, for good', async () => {
    const first = await api.post(BODY, { 'idempotency-key': 'again' });
    await api.pool.query(`update payouts set status = 'completed', hash = 'ab' where id = $1`, [first.json().id]);
    const before = await stored();
    // The same JSON value in other bytes.
    const { asset, amount, destination } = BODY;
    const again = await api.post(JSON.stringify({ destination, amount, asset }, null, 2), {
      'idempotency-key': 'again',
    });
    expect(again.statusCode).toBe(202);
    expect(again.body).toBe(first.body);
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true', location: first.headers.location });
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    expect(await stored()).toEqual(before);
  });

  test('gives the first answer even where the request would be refused today', async () => {
    const first = await api.post(BODY, { 'idempotency-key': 'moved' });
    const other = await createHttpApp({ ...quietContext(api.pool, []), chains: { chains: [] } });
    try {
      const send = (key: string) =>
        other.server.inject({
          method: 'POST',
          url: '/v1/payouts',
          headers: { authorization: `Bearer ${api.secret}`, 'idempotency-key': key },
          payload: BODY,
        });
      expect((await send('moved')).body).toBe(first.body);
      expect((await send('not seen before')).statusCode).toBe(400);
    } finally {
      await other.close();
    }
  });

  test.each([
    ['another amount', { ...BODY, amount: '12.6' }],
    ['the same amount in another spelling', { ...BODY, amount: '12.50' }],
    ['one field more', { ...BODY, external_id: 'more' }],
    ['an invalid body', {}],
  ])('of a payout refuses %s', async (_name, body) => {
    await api.post(BODY, { 'idempotency-key': 'taken' });
    const before = await stored();
    const answer = await api.post(body, { 'idempotency-key': 'taken' });
    expect(answer.statusCode).toBe(422);
    expect(answer.json().code).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await stored()).toEqual(before);
  });

  test('of a refused request stays free', async () => {
    expect((await api.post({ ...BODY, amount: '0' }, { 'idempotency-key': 'free' })).statusCode).toBe(400);
    expect((await api.post(BODY, { 'idempotency-key': 'free' })).statusCode).toBe(202);
  });

  test('of one API key says nothing about another’s', async () => {
    const { secret } = await mintApiKey(api.pool, { name: 'other', scope: ['payouts:write'] });
    const first = await api.post(BODY, { 'idempotency-key': 'shared' });
    const other = await api.post(BODY, { 'idempotency-key': 'shared', authorization: `Bearer ${secret}` });
    expect(other.statusCode).toBe(202);
    expect(other.json().id).not.toBe(first.json().id);
  });

  test('is in flight until the first answer is stored, on every replica', async () => {
    const blocker = await api.pool.connect();
    try {
      await blocker.query('begin; lock table payout_events in exclusive mode');
      const first = api.post(BODY, { 'idempotency-key': 'slow' });
      await waitUntil(async () => {
        const { rows } = await api.pool.query(
          `select 1 from pg_locks where relation = 'payout_events'::regclass and not granted`,
        );
        return rows.length === 1;
      });
      for (const server of [api.server, replica.server]) {
        const twin = await server.inject({
          method: 'POST',
          url: '/v1/payouts',
          headers: { authorization: `Bearer ${api.secret}`, 'idempotency-key': 'slow' },
          payload: BODY,
        });
        expect(twin.statusCode).toBe(409);
        expect(twin.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_FLIGHT', retryable: true });
        expect(twin.headers['retry-after']).toBe('1');
      }
      await blocker.query('commit');
      const answer = await first;
      expect(answer.statusCode).toBe(202);
      expect((await api.post(BODY, { 'idempotency-key': 'slow' })).body).toBe(answer.body);
    } finally {
      blocker.release(true);
    }
  });

  test('sent by many at the same instant, to two replicas, makes one payout', async () => {
    for (let round = 0; round < 10; round++) {
      const before = await api.count('payouts');
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, i) =>
          (i % 2 === 0 ? api.server : replica.server).inject({
            method: 'POST',
            url: '/v1/payouts',
            headers: { authorization: `Bearer ${api.secret}`, 'idempotency-key': `round-${round}` },
            payload: BODY,
          }),
        ),
      );
      expect(await api.count('payouts')).toBe(before + 1);
      const accepted = answers.filter(({ statusCode }) => statusCode === 202);
      expect(accepted.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
      expect(new Set(accepted.map(({ body }) => body)).size).toBe(1);
      const others = answers.filter(({ statusCode }) => statusCode !== 202);
      expect(new Set(others.map((answer) => answer.json().code))).toEqual(
        new Set(others.length === 0 ? [] : ['IDEMPOTENCY_KEY_IN_FLIGHT']),
      );
    }
  });

  test('does not let two payouts have one external_id, however they race', async () => {
    const body = { ...BODY, external_id: 'raced' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.post(body)));
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([202, ...Array(7).fill(409)]);
  });
});
