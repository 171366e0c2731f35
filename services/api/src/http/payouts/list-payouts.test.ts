import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ApiHarness, DESTINATION, startApiHarness } from '../../../testing/api-harness.ts';
import { EVM_ASSET, STELLAR_ASSET } from '../../../testing/chains.ts';
import { newId } from '../../ids.ts';
import type { PayoutPage } from './list-payouts.ts';

interface Wanted {
  readonly key: string;
  /** Milliseconds after some fixed time. */
  readonly at: number;
  readonly status?: string;
  readonly asset?: string;
  readonly externalId?: string;
}

describe('GET /v1/payouts', () => {
  let api: ApiHarness;
  let apiKeyId: string;

  beforeAll(async () => {
    api = await startApiHarness();
    const { rows } = await api.pool.query<{ id: string }>('select id from api_keys');
    apiKeyId = rows[0]?.id ?? '';
  });
  afterAll(() => api.stop());

  const START = Date.parse('2026-01-01T00:00:00Z');

  const insert = async (wanted: readonly Wanted[]): Promise<string[]> => {
    const ids = wanted.map(() => newId('po'));
    for (const [i, { key, at, status = 'created', asset = STELLAR_ASSET, externalId }] of wanted.entries()) {
      await api.pool.query(
        `insert into payouts (id, chain, asset, amount, destination, key_id, status, external_id, api_key_id, request_id, created_at, decimals)
         values ($1, $2, $3, 1, $4, $5, $6, $7, $8, 'rq', $9, 7)`,
        [ids[i], asset.split('/')[0], asset, DESTINATION, key, status, externalId, apiKeyId, new Date(START + at)],
      );
    }
    return ids;
  };

  const page = async (query: Record<string, string>): Promise<PayoutPage> => {
    const answer = await api.get(`/v1/payouts?${new URLSearchParams(query)}`);
    expect(answer.statusCode).toBe(200);
    return answer.json();
  };

  const idsOf = (payouts: readonly { id: string }[]) => payouts.map(({ id }) => id);

  test('pages laid together are all payouts, newest first, each once, whatever is added meanwhile', async () => {
    let run = 0;
    const times = fc.array(fc.nat(20), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(
        times,
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.nat(3), { maxLength: 5 }),
        async (at, limit, added) => {
          const key = `run-${run++}`;
          const ids = await insert(at.map((time) => ({ key, at: time })));
          const expected = at
            .map((time, i) => ({ time, id: ids[i] ?? '' }))
            .toSorted((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1))
            .map(({ id }) => id);

          const found: string[] = [];
          let more = true;
          for (let turn = 0; more; turn++) {
            const last = found.at(-1);
            const got = await page({ key, limit: String(limit), ...(last !== undefined && { after: last }) });
            found.push(...idsOf(got.data));
            more = got.has_more;
            expect(got.data.length).toBe(more ? limit : got.data.length);
            // Payouts of now, newer than every page that is still to come.
            await insert(Array.from({ length: added[turn] ?? 0 }, () => ({ key, at: 1_000 + turn })));
          }
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('gives 20 where no limit is given, and up to 100', async () => {
    await insert(Array.from({ length: 101 }, (_, at) => ({ key: 'many', at })));
    const first = await page({ key: 'many' });
    expect([first.data.length, first.has_more]).toEqual([20, true]);
    const hundred = await page({ key: 'many', limit: '100' });
    expect([hundred.data.length, hundred.has_more]).toEqual([100, true]);
    const rest = await page({ key: 'many', limit: '100', after: hundred.data.at(-1)?.id ?? '' });
    expect([rest.data.length, rest.has_more]).toEqual([1, false]);
  });

  test('has no more where the last page is just full', async () => {
    await insert([1, 2].map((at) => ({ key: 'full', at })));
    expect(await page({ key: 'full', limit: '2' })).toMatchObject({ has_more: false });
  });

  test('filters, and filters combine', async () => {
    const [a, b, c] = await insert([
      { key: 'mix', at: 1, status: 'failed', externalId: 'mix a' },
      { key: 'mix', at: 2, asset: EVM_ASSET },
      { key: 'mix', at: 3 },
    ]);
    const time = (at: number) => new Date(START + at).toISOString();
    const ask = async (query: Record<string, string>) => idsOf((await page({ key: 'mix', ...query })).data);
    expect(await ask({})).toEqual([c, b, a]);
    expect(await ask({ status: 'failed' })).toEqual([a]);
    expect(await ask({ asset: EVM_ASSET })).toEqual([b]);
    expect(await ask({ chain: 'stellar:standalone' })).toEqual([c, a]);
    expect(await ask({ external_id: 'mix a' })).toEqual([a]);
    expect(await ask({ created_after: time(1) })).toEqual([c, b]);
    expect(await ask({ created_before: time(3) })).toEqual([b, a]);
    expect(await ask({ created_after: time(1), created_before: time(3) })).toEqual([b]);
    expect(await ask({ status: 'failed', asset: EVM_ASSET })).toEqual([]);
    expect(await ask({ created_after: '2026-01-01T01:00:00.001+01:00' })).toEqual([c, b]);
  });

  test.each<[query: string, error: string]>([
    ['limit=0', 'limit: TOO_SMALL'],
    ['limit=101', 'limit: TOO_BIG'],
    ['limit=-1', 'limit: INVALID_FORMAT'],
    ['limit=1e1', 'limit: INVALID_FORMAT'],
    ['limit=', 'limit: INVALID_FORMAT'],
    ['limit=1&limit=2', 'limit: INVALID_TYPE'],
    ['page=2', 'page: UNKNOWN_FIELD'],
    ['after=po_1', 'after: INVALID_FORMAT'],
    ['after=%00', 'after: INVALID_FORMAT'],
    [`after=po_${'0'.repeat(32)}`, 'after: UNKNOWN_CURSOR'],
    ['status=done', 'status: INVALID_VALUE'],
    ['status=created&status=failed', 'status: INVALID_VALUE'],
    ['chain=%00', 'chain: INVALID_CHARACTERS'],
    ['key=', 'key: TOO_SHORT'],
    ['external_id=%00', 'external_id: INVALID_CHARACTERS'],
    ['created_after=yesterday', 'created_after: INVALID_FORMAT'],
    ['created_after=2026-01-01', 'created_after: INVALID_FORMAT'],
    ['created_before=2026-02-30T00:00:00Z', 'created_before: INVALID_FORMAT'],
  ])('refuses ?%s', async (query, error) => {
    const answer = await api.get(`/v1/payouts?${query}`);
    expect(answer.statusCode).toBe(400);
    const { code, errors } = answer.json();
    expect(code).toBe('VALIDATION_FAILED');
    expect(errors.map((e: { field: string; code: string }) => `${e.field}: ${e.code}`)).toEqual([error]);
  });

  test.each(['0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999Z'])('takes the time %s', async (time) => {
    await page({ created_after: time, created_before: time });
  });
});

describe('GET /v1/payouts/{id}', () => {
  let api: ApiHarness;
  beforeAll(async () => {
    api = await startApiHarness();
  });
  afterAll(() => api.stop());

  test.each([`po_${'0'.repeat(32)}`, 'po_1', '%00', `${'x'.repeat(200)}`, "'", '%F0%9F%92%B8'])(
    'does not find %s',
    async (id) => {
      const answer = await api.get(`/v1/payouts/${id}`);
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'NOT_FOUND', status: 404 });
    },
  );
});
