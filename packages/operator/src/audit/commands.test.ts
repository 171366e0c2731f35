import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anEvent } from '@countersign/audit/testing/an-event';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openLogWriter } from '../../testing/exported-log.ts';
import { signerctl } from '../signerctl.ts';

let dir: string;
let log: string;
let key: string;

const writer = openLogWriter();
const payouts = [{ payoutId: 'po_1' }, { payoutId: 'po_2' }];
const lines = [
  writer.event('signer-0', anEvent({ eventName: 'StartSigner', requestID: 'start' })),
  writer.event(
    'signer-0',
    anEvent({
      eventName: 'SignTransaction',
      requestID: 'at_signed',
      eventTime: '2026-11-21T21:00:00.000Z',
      requestParameters: { keyId: 'treasury', payouts },
      additionalEventData: { outcome: 'succeeded', backendAttempts: [{}, { requestId: 'kms-1' }] },
    }),
  ),
  writer.event(
    'signer-0',
    anEvent({
      eventName: 'SignTransaction',
      requestID: 'at_denied\u001b[2J',
      eventTime: '2026-11-21T22:00:00.000Z',
      userIdentity: { type: 'SpiffeId', principalId: 'spiffe://countersign.dev/stranger' },
      requestParameters: { keyId: 'other' },
      errorCode: 'POLICY_DENIED',
      additionalEventData: { outcome: 'denied' },
    }),
  ),
  writer.event('signer-0', anEvent({ requestID: 'list', errorCode: 'UNAUTHENTICATED' })),
  writer.event(
    'signer-0',
    anEvent({
      eventName: 'DenialsSummarised',
      requestID: 'flood',
      userIdentity: { type: 'SpiffeId', principalId: 'spiffe://countersign.dev/flood' },
      additionalEventData: { outcome: 'denied', counts: { THROTTLED: 900 } },
    }),
  ),
  writer.event('signer-0', anEvent({ requestID: 'broke', errorCode: 'INTERNAL' })),
  writer.checkpoint(),
];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-operator-'));
  [log, key] = [join(dir, 'audit.jsonl'), join(dir, 'checkpoint.pub')];
  await writeFile(log, lines.join(''));
  await writeFile(key, writer.publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rm(dir, { recursive: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await signerctl(['audit', ...args], {
    env: {},
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

describe('audit verify', () => {
  const head = () => `signer-0:6:${writer.head('signer-0').hash}`;

  test('says what is there, and that it is intact', async () => {
    const { code, out } = await run('verify', log, '--checkpoint-key', key, '--expect-head', head());
    expect(out).toBe(
      `intact\nchain signer-0: events 1 to 6, head ${head()}\ncheckpoints: 1 to 1\ntransactions: 0 decoded anew\n`,
    );
    expect(code).toBe(0);
  });

  test('names the first bad event, by file, line, chain and number', async () => {
    const bad = join(dir, 'bad.jsonl');
    await writeFile(bad, lines.with(2, lines[2]?.replace('denied', 'allowed') ?? '').join(''));
    const { code, out } = await run('verify', bad, '--checkpoint-key', key);
    expect(code).toBe(1);
    expect(out).toMatch(/^not intact\n {2}\S+bad\.jsonl:3: chain signer-0, event 3: its content has the hash \w{64}, /);
  });

  test('cannot tell without the key of the checkpoints, and says so', async () => {
    const { code, out } = await run('verify', log);
    expect(out).toMatch(/^cannot tell\n/);
    expect(out).toMatch(/note: there are checkpoints, and no --checkpoint-key/);
    expect(code).toBe(2);
  });

  test('leaves out a torn last line, and says so', async () => {
    const torn = join(dir, 'torn.jsonl');
    await writeFile(torn, `${lines.join('')}{"chain":"sig`);
    const { code, out } = await run('verify', torn, '--checkpoint-key', key);
    expect(out).toContain(`note: ${torn}:8: the last line has no end; it was left out`);
    expect(code).toBe(0);
  });

  test('a byte that is no text is a change, even where it is shown as the text was', async () => {
    const other = openLogWriter();
    const [text, file] = [other.event('c', anEvent({ userAgent: '\u{fffd}' })), join(dir, 'bytes.jsonl')];
    await writeFile(file, text);
    expect((await run('verify', file)).code).toBe(0);
    const bytes = Buffer.from(text);
    const at = bytes.indexOf('\u{fffd}');
    await writeFile(file, Buffer.concat([bytes.subarray(0, at), Buffer.of(0xff), bytes.subarray(at + 3)]));
    expect((await run('verify', file)).code).toBe(1);
  });

  test('reports as JSON', async () => {
    const { out } = await run('verify', log, '--checkpoint-key', key, '--json');
    expect(JSON.parse(out)).toEqual({
      verdict: 'intact',
      problems: [],
      chains: [{ chain: 'signer-0', from: '1', to: '6', hash: writer.head('signer-0').hash, witnessed: '6' }],
      checkpoints: { from: '1', to: '1' },
      transactions: { checked: 0, withoutBytes: 0 },
      repeated: 0,
      notes: [],
    });
  });

  test.each<[what: string, problem: RegExp, args: (files: { log: string; key: string }) => string[]]>([
    ['no file', /expected files/, () => []],
    ['a file that is not there', /nowhere: cannot be read \(ENOENT\)/, () => ['nowhere']],
    ['a folder', /: cannot be read \(EISDIR\)/, ({ log }) => [join(log, '..')]],
    ['a key that is not there', /nowhere: cannot be read/, ({ log }) => [log, '--checkpoint-key', 'nowhere']],
    ['a file without a key', /expected PUBLIC KEYs/, ({ log }) => [log, '--checkpoint-key', log]],
    ['a head that is none', /expected CHAIN:SEQUENCE:HASH, got x/, ({ log }) => [log, '--expect-head', 'x']],
    ['an unknown option', /--colour/, ({ log }) => [log, '--colour']],
  ])('cannot answer with %s', async (_, problem, args) => {
    const { code, err } = await run('verify', ...args({ log, key }));
    expect(err).toMatch(problem);
    expect(code).toBe(2);
  });
});

describe('audit search', () => {
  test.each<[query: string[], found: string[]]>([
    [[], ['start', 'at_signed', 'at_denied\u001b[2J', 'list', 'flood', 'broke']],
    [['--request', 'at_signed'], ['at_signed']],
    [['--payout', 'po_2'], ['at_signed']],
    [['--key', 'treasury'], ['at_signed']],
    [['--caller', 'spiffe://countersign.dev/stranger'], ['at_denied\u001b[2J']],
    [['--caller', 'spiffe://countersign.dev/flood'], ['flood']],
    [['--kms-request', 'kms-1'], ['at_signed']],
    [['--denied'], ['at_denied\u001b[2J', 'list', 'flood']],
    [
      ['--since', '2026-11-21T21:00:00Z'],
      ['at_signed', 'at_denied\u001b[2J'],
    ],
    [['--since', '2026-11-21T21:00:00Z', '--until', '2026-11-21T22:00:00Z'], ['at_signed']],
    [['--denied', '--key', 'other'], ['at_denied\u001b[2J']],
  ])('%j', async (query, found) => {
    const { code, out } = await run('search', log, '--json', ...query);
    const requests = out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).event.requestID);
    expect(requests).toEqual(found);
    expect(code).toBe(0);
  });

  test('JSON is the lines as they stand in the file', async () => {
    expect((await run('search', log, '--request', 'at_signed', '--json')).out).toBe(lines[1]);
  });

  test('a table shows what joins the logs, and no control characters', async () => {
    const { out } = await run('search', log);
    expect(out.split('\n')[2]).toMatch(
      /^2026-11-21T21:00:00\.000Z SignTransaction +succeeded +at_signed +treasury +spiffe:\S+ +po_1,po_2 kms-1$/,
    );
    expect(out).toContain('denied POLICY_DENIED');
    expect(out).toMatch(/ListKeys +unknown INTERNAL +broke/);
    expect(out).not.toContain('\u001b');
  });

  test('nothing found is exit code 1, a query that is none 2', async () => {
    expect(await run('search', log, '--request', 'none')).toEqual({ code: 1, out: '', err: 'no such event\n' });
    expect(await run('search', log, '--since', 'yesterday')).toMatchObject({ code: 2 });
    expect(await run('search')).toMatchObject({ code: 2 });
  });
});
