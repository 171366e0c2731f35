import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiHarness, BODY, startApiHarness } from '../../../testing/api-harness.ts';

describe('the audit log', () => {
  let api: ApiHarness;
  let apiKeyId: string;

  beforeAll(async () => {
    api = await startApiHarness();
    const { rows } = await api.pool.query<{ id: string }>('select id from api_keys');
    apiKeyId = rows[0]?.id ?? '';
  });
  afterAll(() => api.stop());

  const eventsOf = async (requestId: string) => {
    const { rows } = await api.pool.query('select event from audit_events where request_id = $1', [requestId]);
    return rows.map(({ event }) => event);
  };

  test('has an accepted payout, in CloudTrail’s words', async () => {
    const before = Date.now();
    const headers = { 'x-request-id': 'accepted', 'idempotency-key': 'k-1', 'user-agent': 'curl/8' };
    const payout = (
      await api.post({ ...BODY, memo: { type: 'id', value: '7' }, metadata: { a: 'b' } }, headers)
    ).json();
    expect(await eventsOf('accepted')).toEqual([
      {
        eventVersion: '1.0',
        eventID: expect.stringMatching(/^[0-9a-f-]{36}$/),
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        eventSource: 'api.countersign',
        eventName: 'CreatePayout',
        eventType: 'ApiCall',
        userIdentity: { type: 'ApiKey', principalId: apiKeyId },
        sourceIPAddress: '127.0.0.1',
        userAgent: 'curl/8',
        requestID: 'accepted',
        requestParameters: {
          idempotencyKey: 'k-1',
          chain: 'stellar:standalone',
          asset: BODY.asset,
          amount: '12.5',
          destination: BODY.destination,
          memo: { type: 'id', value: '7' },
          key: 'treasury-stellar',
          external_id: null,
          metadata: { a: 'b' },
        },
        responseElements: { id: payout.id, status: 'created', replayed: false },
        readOnly: false,
        resources: [{ type: 'Payout', id: payout.id }],
        additionalEventData: { method: 'POST', route: '/v1/payouts' },
      },
    ]);
    const [event] = await eventsOf('accepted');
    expect(Date.parse(event.eventTime)).toBeGreaterThanOrEqual(before);
    expect(payout.request_id).toBe('accepted');
  });

  test('has a replay as a call of its own', async () => {
    const { id } = (await api.post(BODY, { 'idempotency-key': 'k-2' })).json();
    await api.post(BODY, { 'idempotency-key': 'k-2', 'x-request-id': 'replayed' });
    expect(await eventsOf('replayed')).toMatchObject([
      { eventName: 'CreatePayout', responseElements: { id, replayed: true }, resources: [{ type: 'Payout', id }] },
    ]);
  });

  test('has reads', async () => {
    const { id } = (await api.post(BODY)).json();
    await api.get(`/v1/payouts/${id}`, { 'x-request-id': 'read' });
    await api.get('/v1/payouts?limit=3&status=created', { 'x-request-id': 'listed' });
    expect(await eventsOf('read')).toMatchObject([
      { eventName: 'GetPayout', readOnly: true, requestParameters: { id }, resources: [{ type: 'Payout', id }] },
    ]);
    expect(await eventsOf('listed')).toMatchObject([
      { eventName: 'ListPayouts', requestParameters: { limit: 3, status: 'created' }, responseElements: { count: 3 } },
    ]);
  });

  test.each<[string, () => Promise<unknown>, Record<string, unknown>]>([
    [
      'a body that is not valid',
      () => api.post({ ...BODY, amount: '0' }, { 'x-request-id': 'refused' }),
      { eventName: 'CreatePayout', errorCode: 'VALIDATION_FAILED', errorMessage: 'Not valid: amount', readOnly: false },
    ],
    [
      'a body that is not JSON',
      () => api.post('{', { 'x-request-id': 'refused' }),
      { eventName: 'CreatePayout', errorCode: 'VALIDATION_FAILED', errorMessage: 'Not valid: body' },
    ],
    [
      'a field name that Postgres cannot store',
      () => api.post({ ...BODY, 'a\0\ud800': 1 }, { 'x-request-id': 'refused' }),
      { errorCode: 'VALIDATION_FAILED', errorMessage: 'Not valid: a\ufffd\ufffd' },
    ],
    [
      'a stranger',
      () => api.get('/v1/payouts', { authorization: '', 'x-request-id': 'refused' }),
      {
        eventName: 'ListPayouts',
        errorCode: 'UNAUTHORIZED',
        userIdentity: { type: 'Anonymous', principalId: 'anonymous' },
      },
    ],
    [
      'a payout that is not there',
      () => api.get('/v1/payouts/%00', { 'x-request-id': 'refused' }),
      { eventName: 'GetPayout', errorCode: 'NOT_FOUND', requestParameters: { id: '\ufffd' } },
    ],
    [
      'an unknown path',
      () => api.get('/admin', { 'x-request-id': 'refused' }),
      { eventName: 'UnknownRoute', errorCode: 'NOT_FOUND', additionalEventData: { method: 'GET' } },
    ],
    [
      'a malformed path',
      () => api.get('/%', { 'x-request-id': 'refused' }),
      { eventName: 'UnknownRoute', errorCode: 'VALIDATION_FAILED' },
    ],
    [
      'a wrong method',
      () => api.server.inject({ method: 'DELETE', url: '/v1/payouts', headers: { 'x-request-id': 'refused' } }),
      { eventName: 'UnknownRoute', errorCode: 'METHOD_NOT_ALLOWED' },
    ],
  ])('has %s', async (_name, act, expected) => {
    await api.pool.query(`delete from audit_events where request_id = 'refused'`);
    await act();
    expect(await eventsOf('refused')).toEqual([expect.objectContaining({ requestID: 'refused', ...expected })]);
  });

  test('has no probe and no reading of the documentation', async () => {
    const before = await api.count('audit_events');
    for (const url of ['/livez', '/readyz', '/openapi.json', '/docs', '/docs/static/index.css']) {
      expect((await api.get(url)).statusCode).toBe(200);
    }
    expect(await api.count('audit_events')).toBe(before);
  });

  test('that cannot be written lets nothing happen and nothing be read', async () => {
    const { id } = (await api.post(BODY)).json();
    const stored = await api.count('payouts');
    await api.pool.query('alter table audit_events rename to audit_events_gone');
    try {
      for (const answer of [
        await api.post(BODY),
        await api.get(`/v1/payouts/${id}`),
        await api.get('/v1/payouts'),
        await api.get('/v1/payouts', { authorization: '' }),
        await api.get('/nothing'),
        await api.get('/%'),
        await api.server.inject({ method: 'DELETE', url: '/v1/payouts' }),
      ]) {
        expect(answer.statusCode).toBe(503);
        expect(answer.json()).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
        expect(answer.body).not.toContain(id);
        for (const name of ['location', 'allow', 'www-authenticate']) expect(answer.headers).not.toHaveProperty(name);
      }
      for (const url of ['/livez', '/readyz', '/openapi.json', '/docs']) {
        expect((await api.get(url)).statusCode).toBe(200);
      }
      expect(await api.count('payouts')).toBe(stored);
    } finally {
      await api.pool.query('alter table audit_events_gone rename to audit_events');
    }
    expect((await api.post(BODY)).statusCode).toBe(202);
  });
});
