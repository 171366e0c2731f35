import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiHarness, BODY, startApiHarness } from '../../../testing/api-harness.ts';
import { newApiKeySecret, secretOf } from './api-key.ts';
import { mintApiKey } from './mint.ts';
import { revokeApiKey } from './revoke.ts';
import { SCOPES } from './route-access.ts';

describe('an API key', () => {
  let api: ApiHarness;

  beforeAll(async () => {
    api = await startApiHarness();
  });
  afterAll(() => api.stop());

  const mint = (...scope: string[]) => mintApiKey(api.pool, { name: 'test', scope });
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

  test('has 256 random bits and is stored as a hash alone', async () => {
    const { secret } = await mint(...SCOPES);
    expect(secret).toMatch(/^cs_[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(secret.slice(3), 'base64url')).toHaveLength(32);
    const { rows } = await api.pool.query(`select (select string_agg(k::text, '') from api_keys k) ||
      (select string_agg(a::text, '') from audit_events a) as everything`);
    expect(rows[0].everything).not.toContain(secret.slice(3));
    expect(rows[0].everything).not.toContain(Buffer.from(secret).toString('hex'));
  });

  test.each<[string, Record<string, string>]>([
    ['none', { authorization: '' }],
    ['another scheme', { authorization: 'Basic Y3M6Y3M=' }],
    ['one of the wrong shape', { authorization: 'Bearer cs_x' }],
    ['one of the wrong shape with SQL in it', { authorization: `Bearer cs_' or true --` }],
    ['one that nobody made', { authorization: `Bearer ${newApiKeySecret()}` }],
  ])('is needed: %s is 401', async (_name, headers) => {
    for (const answer of [await api.get('/v1/payouts', headers), await api.post(BODY, headers)]) {
      expect(answer.statusCode).toBe(401);
      expect(answer.json().code).toBe('UNAUTHORIZED');
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
  });

  test('is asked for before a body is read', async () => {
    const answer = await api.post('{', { authorization: '', 'content-type': 'text/html' });
    expect(answer.statusCode).toBe(401);
  });

  test.each(['/v1/payouts', '/%76%31/payouts', '/v1/payouts?x=1', '/v1/payouts/po_1'])(
    'is needed at %s',
    async (url) => {
      expect((await api.get(url, { authorization: '' })).statusCode).toBe(401);
    },
  );

  test.each(['GET', 'HEAD'] as const)('is needed for %s', async (method) => {
    const answer = await api.server.inject({ method, url: '/v1/payouts' });
    expect(answer.statusCode).toBe(401);
  });

  test('does what its scopes allow, and no more', async () => {
    const reader = bearer((await mint('payouts:read')).secret);
    const writer = bearer((await mint('payouts:write')).secret);
    expect((await api.get('/v1/payouts', reader)).statusCode).toBe(200);
    expect((await api.post(BODY, writer)).statusCode).toBe(202);
    const before = await api.count('payouts');
    for (const answer of [await api.post(BODY, reader), await api.get('/v1/payouts', writer)]) {
      expect(answer.statusCode).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringContaining('payouts:') });
    }
    expect(await api.count('payouts')).toBe(before);
  });

  test('ends at once when it is revoked, and only once', async () => {
    const { id, secret } = await mint(...SCOPES);
    expect((await api.get('/v1/payouts', bearer(secret))).statusCode).toBe(200);
    await revokeApiKey(api.pool, id);
    const answer = await api.get('/v1/payouts', { ...bearer(secret), 'x-request-id': 'after-revocation' });
    expect(answer.statusCode).toBe(401);
    expect(answer.json().code).toBe('UNAUTHORIZED');
    const { rows } = await api.pool.query(`select event from audit_events where request_id = 'after-revocation'`);
    expect(rows[0].event.userIdentity).toEqual({ type: 'ApiKey', principalId: id });
    await expect(revokeApiKey(api.pool, id)).rejects.toThrow('not revoked');
    await expect(revokeApiKey(api.pool, 'ak_x')).rejects.toThrow('not revoked');
  });

  test('leaves an audit event when it is made and when it is revoked', async () => {
    const { id } = await mint('payouts:read');
    await revokeApiKey(api.pool, id);
    const { rows } = await api.pool.query(
      `select event->>'eventName' as name, event->>'eventType' as type from audit_events
       where event->'resources'->0->>'id' = $1 order by sequence`,
      [id],
    );
    expect(rows).toEqual([
      { name: 'CreateApiKey', type: 'ConfigurationChange' },
      { name: 'RevokeApiKey', type: 'ConfigurationChange' },
    ]);
  });

  test.each([
    [{ scope: ['payouts:read'] }, 'name'],
    [{ name: '', scope: ['payouts:read'] }, 'name'],
    [{ name: 'x', scope: ['payouts:admin'] }, 'scope.0'],
    [{ name: 'x', scope: [] }, 'scope'],
  ])('is not made of %j', async (wanted, field) => {
    await expect(mintApiKey(api.pool, wanted)).rejects.toThrow(field);
  });

  test.each([undefined, '', 'Bearer', 'Bearer cs_', `Bearer  cs_${'x'.repeat(43)}`, `Bearer cs_${'x'.repeat(44)}`])(
    'is not read from %j',
    (authorization) => {
      expect(secretOf(authorization)).toBeUndefined();
    },
  );

  test('is read whatever the case of the scheme (RFC 9110)', () => {
    expect(secretOf(`bearer cs_${'x'.repeat(43)}`)).toBe(`cs_${'x'.repeat(43)}`);
  });
});
