import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from '@jest/globals';
import { type DemoResult, runDemo } from './demo.ts';
import { generateKeys, type KeyId } from './keys.ts';
import { urlsOf } from './urls.ts';

interface Answer {
  readonly status?: string;
  readonly path?: string | null;
  readonly hash?: string | null;
  readonly reason?: { readonly code: string; readonly detail: string } | null;
}

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Runs the demo against an API that gives every payout one look at `submitted` before `answer`. */
async function demoAgainst(
  answer: (path: string, key: string) => Answer | number,
): Promise<DemoResult & { seen: string[] }> {
  const paths = new Map<string, string>();
  const payouts = new Map<
    string,
    { terms: { readonly asset: string; readonly key: string }; path: string; looks: number }
  >();
  const idempotencyKeys = new Set<unknown>();
  const seen: string[] = [];
  server = createServer(async (request, response) => {
    const json = (status: number, body: unknown) => response.writeHead(status).end(JSON.stringify(body));
    if (request.headers.authorization !== 'Bearer cs_key') return json(401, {});
    let id = request.url?.split('/').at(-1) ?? '';
    if (request.method === 'POST') {
      idempotencyKeys.add(request.headers['idempotency-key']);
      id = `po_${idempotencyKeys.size}`;
      const terms = JSON.parse(await text(request));
      const path = paths.get(terms.key) ?? '';
      seen.push(`${terms.key} ${path}`);
      payouts.set(id, { terms, path, looks: 0 });
    }
    const payout = payouts.get(id);
    if (payout === undefined) return json(404, {});
    const { terms, path } = payout;
    const end = answer(path, terms.key);
    if (typeof end === 'number') return json(end, { title: 'refused' });
    const early = { status: 'submitted', path: null, hash: null, reason: null };
    const late = { status: 'completed', path, hash: '0x01', reason: null, ...end };
    return json(200, { id, chain: terms.asset.split('/')[0], ...terms, ...(payout.looks++ < 2 ? early : late) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stack = {
    urls: urlsOf({ api: port, apiMetrics: 0, signer: 0, signerMetrics: 0, kms: 0, stellar: 0, anvil: 0 }),
    apiKey: 'cs_key',
    keys: generateKeys(0),
    recipients: { stellar: ['GA'], contracts: ['CA'], evm: ['0xAA'] },
    setPath: async (key: KeyId, path: string) => void paths.set(key, path),
  };
  const result = await runDemo(stack, { say: () => {}, signal: new AbortController().signal });
  return { ...result, seen };
}

test('pays on every rail by legacy, then by kms', async () => {
  const { payouts, problems, seen } = await demoAgainst(() => ({}));
  expect(problems).toEqual([]);
  const rails = { 'treasury-evm': 2, 'treasury-stellar': 3 };
  const expected = Object.entries(rails).flatMap(([key, count]) => [
    ...Array.from({ length: count }, () => `${key} legacy`),
    ...Array.from({ length: count }, () => `${key} kms`),
  ]);
  for (const key of Object.keys(rails)) {
    expect(seen.filter((each) => each.startsWith(key))).toEqual(expected.filter((each) => each.startsWith(key)));
  }
  expect(payouts.map(({ key, path }) => `${key} ${path}`).sort()).toEqual(expected.sort());
  expect(new Set(payouts.map(({ asset, destination }) => `${asset} ${destination}`)).size).toBe(5);
  expect(payouts.every(({ status }) => status === 'completed')).toBe(true);
});

test.each([
  [
    'a payout that failed',
    { status: 'failed', reason: { code: 'NO_DESTINATION', detail: 'gone' } },
    'NO_DESTINATION: gone',
  ],
  ['a signature from elsewhere', { path: 'legacy' }, 'expected a signature by kms, got legacy'],
  ['no hash', { hash: null }, 'completed without a transaction hash'],
])('%s is a problem', async (_what, answer, problem) => {
  const result = await demoAgainst((path, key) => (key === 'treasury-evm' && path === 'kms' ? answer : {}));
  expect(result.payouts).toHaveLength(10);
  expect(result.problems).toHaveLength(2);
  for (const each of result.problems) {
    expect(each).toMatch(/^payout po_\d+ of eip155:31337\//);
    expect(each).toContain(problem);
  }
});

test('a refusal on one chain leaves the other alone', async () => {
  const { payouts, problems } = await demoAgainst((_path, key) => (key === 'treasury-stellar' ? 422 : {}));
  expect(problems).toEqual([expect.stringContaining('/v1/payouts: 422 {"title":"refused"}')]);
  expect(payouts.map(({ key }) => key)).toEqual(Array.from({ length: 4 }, () => 'treasury-evm'));
});
