import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeApi, startFakeApi } from '../testing/fake-api.ts';
import { STELLAR_TERMS } from '../testing/terms.ts';
import type { Io, SignRequest } from './command.ts';
import { countersign } from './countersign.ts';

const API_KEY = `cs_${'a'.repeat(43)}`;
const NOW = 1_795_000_000;
const ID = STELLAR_TERMS.payout;
const STATEMENT = `countersign approval v1
payout: ${ID}
key: treasury-stellar
account: ${STELLAR_TERMS.account}
network: stellar:testnet
destination: ${STELLAR_TERMS.destination}
asset: stellar:testnet/slip44:148
amount: 125000000
memo: "text:Gr\\u00fc\\u00dfe"
expires: ${NOW + 3600}
`;

describe('countersign', () => {
  const alice = createSshSigner('alice');
  let api: FakeApi;
  let signed: SignRequest[];
  let out: string;
  let err: string;

  beforeAll(async () => {
    api = await startFakeApi();
  });
  afterAll(() => api.close());
  beforeEach(() => {
    [signed, out, err] = [[], '', ''];
    api.answer(STELLAR_TERMS);
  });

  const run = (args: readonly string[], changes: Partial<Io> = {}) =>
    countersign(args, {
      env: { COUNTERSIGN_API_KEY: API_KEY },
      now: () => new Date(NOW * 1000),
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      ask: async () => 'yes',
      sign: async (request) => {
        signed.push(request);
        return alice.armored(request.namespace, request.message);
      },
      ...changes,
    });
  const approve = (changes: Partial<Io> = {}, ...more: string[]) =>
    run(['approve', ID, '--api', api.url, ...more], changes);
  const posts = () => api.requests.filter(({ method }) => method === 'POST');

  test('approve signs for what was shown, after a yes, and sends it with its expiry', async () => {
    const before = posts().length;
    let shown = '';
    const ask = async () => {
      shown = err;
      return 'yes';
    };
    expect(await approve({ ask }, '--key', '/keys/mine')).toBe(0);
    expect(shown).toContain('12.5 XLM');
    expect(signed).toEqual([{ namespace: 'countersign-approval', keyFile: '/keys/mine', message: STATEMENT }]);
    const [post, ...others] = posts().slice(before);
    expect(others).toEqual([]);
    expect(post).toEqual({
      method: 'POST',
      path: `/v1/payouts/${ID}/approvals`,
      authorization: `Bearer ${API_KEY}`,
      body: { expires_at: NOW + 3600, signature: alice.armored('countersign-approval', STATEMENT) },
    });
    expect(out).toBe(`approved ${ID} with ${alice.fingerprint}; the payout is needs_approval\n`);
  });

  test.each<[string, Partial<Io>]>([
    ['anything but a yes', { ask: async () => 'y' }],
    ['nobody at a terminal', { ask: undefined }],
  ])('approve signs nothing after %s', async (_name, changes) => {
    const before = posts().length;
    expect(await approve(changes)).toBe(1);
    expect([signed, posts().length]).toEqual([[], before]);
  });

  test('approve asks nobody with --yes, and lives as long as it is told', async () => {
    expect(await approve({ ask: undefined }, '--yes', '--expires', '10m')).toBe(0);
    expect(signed[0]?.message).toContain(`expires: ${NOW + 600}\n`);
  });

  test.each(['completed', 'failed', 'canceled'])('approve signs nothing for a payout that is %s', async (status) => {
    api.answer({ ...STELLAR_TERMS, status });
    const before = posts().length;
    expect(await approve()).toBe(1);
    expect(err).toContain(`the payout is ${status}: there is nothing left to approve`);
    expect([signed, posts().length]).toEqual([[], before]);
  });

  test('approve signs no terms that contradict themselves', async () => {
    api.answer({ ...STELLAR_TERMS, decimals: 6, amount: '125' });
    expect(await approve()).toBe(2);
    expect([signed, err]).toEqual([[], expect.stringContaining('decimals: expected 7')]);
  });

  test('approve sends no signature that would not count', async () => {
    const before = posts().length;
    const sign = async ({ message }: SignRequest) => alice.armored('file', message);
    expect(await approve({ sign })).toBe(2);
    expect([posts().length, err]).toEqual([before, expect.stringContaining('namespace')]);
  });

  test('tells a refusal of the API in one visible line', async () => {
    api.answer(
      { code: 'NOT_FOUND', detail: 'no\x1b[2K such', errors: [{ field: 'a', code: 'B', message: '\u202ec' }] },
      404,
    );
    expect(await approve()).toBe(1);
    expect(err).toBe('the API refuses: NOT_FOUND: no\\u001b[2K such; a: B: \\u202ec\n');
  });

  test.each(['<html>', '"not terms"', ''])('takes %j for no answer', async (text) => {
    api.answer(text);
    expect(await approve()).toBe(2);
    expect(signed).toEqual([]);
  });

  test('payouts list shows one a line, and how to go on', async () => {
    const payout = {
      id: ID,
      status: 'needs_approval',
      amount: '1',
      asset: 'a',
      destination: 'd\n',
      reason: { code: 'X' },
    };
    api.answer({ data: [payout, { ...payout, reason: null }], has_more: true });
    expect(await run(['payouts', 'list', '--api', api.url, '--status', 'needs_approval'])).toBe(0);
    expect(api.requests.at(-1)?.path).toBe('/v1/payouts?status=needs_approval');
    expect(out.split('\n')).toEqual([
      `${ID}  needs_approval  1  a  d\\u000a  X`,
      `${ID}  needs_approval  1  a  d\\u000a  -`,
      '',
    ]);
    expect(err).toContain(`--after ${ID}`);
  });

  test('payouts get shows JSON', async () => {
    api.answer({ id: ID, metadata: { a: '\u202e' } });
    expect(await run(['payouts', 'get', ID, '--api', api.url])).toBe(0);
    expect(JSON.parse(out)).toEqual({ id: ID, metadata: { a: '\u202e' } });
    expect(out).toContain('\\u202e');
  });

  test.each<[string, string[]]>([
    ['no command', ['approves']],
    ['no payout id', ['approve', '--api', 'https://x']],
    ['an id that is none', ['approve', 'po_1', '--api', 'https://x']],
    ['an option that is none', ['approve', ID, '--api', 'https://x', '--force']],
    ['no API', ['approve', ID]],
    ['an API that anybody could listen to', ['approve', ID, '--api', 'http://example.com']],
    ['a life that is none', ['approve', ID, '--api', 'https://x', '--expires', 'soon']],
  ])('with %s says how it is used', async (_name, args) => {
    expect(await run(args)).toBe(2);
    expect(err).toContain('usage: countersign');
  });

  describe('the API key', () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
    afterAll(() => rmSync(folder, { recursive: true }));
    afterEach(() => api.answer(STELLAR_TERMS));
    const file = join(folder, 'key');

    test('is read from a file', async () => {
      writeFileSync(file, `cs_${'b'.repeat(43)}\n`);
      expect(await approve({ env: {} }, '--api-key-file', file)).toBe(0);
      expect(api.requests.at(-1)?.authorization).toBe(`Bearer cs_${'b'.repeat(43)}`);
    });

    test.each<[string, Record<string, string>, string]>([
      ['missing', {}, 'COUNTERSIGN_API_KEY'],
      ['of another shape', { COUNTERSIGN_API_KEY: 'secret' }, 'expected an API key, cs_'],
    ])('is not shown where it is %s', async (_name, env, message) => {
      expect(await approve({ env })).toBe(2);
      expect(err).toContain(message);
      expect(err).not.toContain('secret');
    });
  });

  test('sends the API key nowhere else: a redirect is no answer', async () => {
    const elsewhere = await startFakeApi();
    elsewhere.answer(STELLAR_TERMS);
    api.answer('', 307, { location: elsewhere.url });
    expect(await approve()).toBe(2);
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });
});
