import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { KMSClient } from '@aws-sdk/client-kms';
import { type Kms, startKms } from '@countersign/dev/kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type FaultyProxy, startFaultyProxy } from '../../testing/faulty-proxy.ts';
import { refusal } from '../../testing/refusal.ts';
import { type AwsOptions, createKmsClient } from './aws-client.ts';
import { openAwsKmsBackend } from './aws-kms.ts';

const MESSAGE = new Uint8Array(32).fill(7);
const RETRY = { mostCalls: 4, pauseMs: [1, 2] } as const;
const KEY = { key: 'alias/ed25519', algorithm: 'ed25519', retry: RETRY } as const;
const within = () => AbortSignal.timeout(25_000);

let kms: Kms;
let options: AwsOptions;
beforeAll(async () => {
  kms = await startKms({ keys: [{ alias: KEY.key, algorithm: KEY.algorithm }] });
  const { url: endpoint, region, credentials } = kms;
  options = { mode: 'development', endpoint, region, credentials: credentials.signer, attemptTimeoutMs: 25_000 };
});
afterAll(() => kms.close());

describe('an answer that is put in the place of a signature', () => {
  let proxy: FaultyProxy;
  beforeAll(async () => {
    proxy = await startFaultyProxy(kms.url);
  });
  afterEach(() => proxy.clear());
  afterAll(() => proxy.close());

  /** The attempts of one signature by a key that was opened before the fault. */
  async function attemptsUnder(fault: Parameters<FaultyProxy['fault']>[0], attemptTimeoutMs = 25_000) {
    const client = createKmsClient({ ...options, endpoint: proxy.url, attemptTimeoutMs }, {});
    const backend = await openAwsKmsBackend(client, { ...KEY, attemptTimeoutMs }, within());
    proxy.fault(fault, 1);
    const { attempts } = await backend.sign(MESSAGE, within());
    client.destroy();
    return attempts;
  }
  const oneLost = (errorCode: string) => [{ outcome: 'failed', errorCode }, { outcome: 'succeeded' }];

  test.each([
    ['that no clock shows', 'Sat, 13 Sep 275760 00:00:00 GMT'],
    ['two days ahead', new Date(Date.now() + 2 * 86_400_000).toUTCString()],
  ])('with a date %s does not set the clock', async (_, date) => {
    const answer = { kind: 'answer', status: 503, body: '{"__type":"ServiceUnavailable"}', headers: { date } } as const;
    expect(await attemptsUnder(answer)).toMatchObject(oneLost('ServiceUnavailable'));
  });

  test('longer than any answer costs one attempt', async () => {
    const body = JSON.stringify({ Signature: 'A'.repeat(100_000) });
    expect(await attemptsUnder({ kind: 'answer', status: 200, body })).toMatchObject(oneLost('SyntaxError'));
  });

  test('that stalls costs one attempt, as a hang does', async () => {
    expect(await attemptsUnder({ kind: 'stall' }, 300)).toMatchObject(oneLost('ETIMEDOUT'));
  });

  test('has a request id that is cut and cleaned', async () => {
    const headers = { 'x-amzn-requestid': `é${'R'.repeat(12_000)}` };
    const attempts = await attemptsUnder({ kind: 'answer', status: 200, body: '{"Signature":"AAAA"}', headers });
    expect(attempts).toMatchObject([{ outcome: 'succeeded', requestId: ` ${'R'.repeat(199)}` }]);
  });
});

describe('an endpoint that is no KMS', () => {
  let server: Server;
  let listener: RequestListener;
  let odd: KMSClient;
  beforeAll(async () => {
    server = createServer((request, response) => {
      request.resume();
      listener(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    odd = createKmsClient({ ...options, endpoint: `http://127.0.0.1:${port}` }, {});
  });
  afterAll(() => {
    odd.destroy();
    server.close();
    server.closeAllConnections();
  });

  test.each([
    [200, 'text/html', '<html>hello</html>', 'UNAVAILABLE', 4],
    [200, 'application/x-amz-json-1.1', '{}', 'UNAVAILABLE', 4],
    [502, 'text/html', '<html>bad gateway</html>', 'UNAVAILABLE', 4],
    [429, 'application/x-amz-json-1.1', '{"__type":"TooManyRequestsException"}', 'UNAVAILABLE', 4],
    [403, 'application/x-amz-json-1.1', '{"__type":"AccessDeniedException"}', 'MISCONFIGURED', 1],
  ] as const)('%d %s %s', async (status, type, body, code, attempts) => {
    listener = (_, response) =>
      response.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'odd-1' }).end(body);
    const error = await refusal(openAwsKmsBackend(odd, KEY, within()));
    expect(error.code).toBe(code);
    expect(error.attempts).toHaveLength(attempts);
    expect(error.attempts[0]?.requestId).toBe('odd-1');
  });

  test('what it says of itself is cut and cleaned', async () => {
    const key = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', KeyState: `\u001b[2J${'x'.repeat(900)}` };
    listener = (_, response) => response.end(JSON.stringify({ KeyMetadata: key }));
    const error = await refusal(openAwsKmsBackend(odd, KEY, within()));
    expect(error.message).toMatch(/^aws-kms: KeyState: expected Enabled, got {2}\[2Jx{196}$/);
  });

  test.each([
    ['KeyUsage', 'KEY_AGREEMENT'],
    ['KeyState', 'PendingDeletion'],
    ['KeyState', undefined],
  ])('a key whose %s is %s is misconfigured', async (field, value) => {
    const key = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', KeyState: 'Enabled', [field]: value };
    listener = (_, response) => response.end(JSON.stringify({ KeyMetadata: key }));
    expect(await refusal(openAwsKmsBackend(odd, KEY, within()))).toMatchObject({
      code: 'MISCONFIGURED',
      message: expect.stringMatching(new RegExp(`${field}: expected .*, got ${value}$`)),
    });
  });

  test('a public key that is no SubjectPublicKeyInfo is misconfigured', async () => {
    const key = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', KeyState: 'Enabled' };
    const answers: Record<string, object> = {
      'TrentService.DescribeKey': { KeyMetadata: key },
      'TrentService.GetPublicKey': { PublicKey: Buffer.alloc(44).toString('base64') },
    };
    listener = (request, response) => response.end(JSON.stringify(answers[String(request.headers['x-amz-target'])]));
    expect(await refusal(openAwsKmsBackend(odd, KEY, within()))).toMatchObject({ code: 'MISCONFIGURED' });
  });

  test.each([200, 400])('an answer of status %d that goes on and on is cut off', async (status) => {
    const mostBytes = 64 * 1024 * 1024;
    let sent = 0;
    listener = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'odd-1' });
      const chunk = Buffer.alloc(64 * 1024, ' ');
      const go = () => {
        while (sent < mostBytes && response.write(chunk)) sent += chunk.length;
        if (sent >= mostBytes) response.end();
      };
      response.on('drain', go);
      go();
    };
    const error = await refusal(openAwsKmsBackend(odd, KEY, within()));
    const attempt = { errorCode: 'SyntaxError', requestId: 'odd-1' };
    expect(error).toMatchObject({ code: status === 200 ? 'UNAVAILABLE' : 'MISCONFIGURED' });
    expect(error.attempts).toEqual(Array.from(error.attempts, () => expect.objectContaining(attempt)));
    expect(sent).toBeLessThan(mostBytes);
  });

  test('nobody listening is unavailable', async () => {
    const free = createServer();
    free.listen(0, '127.0.0.1');
    await once(free, 'listening');
    const address = free.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    free.close();
    await once(free, 'close');
    const nobody = createKmsClient({ ...options, endpoint: `http://127.0.0.1:${port}` }, {});
    expect(await refusal(openAwsKmsBackend(nobody, KEY, within()))).toMatchObject({ code: 'UNAVAILABLE' });
    nobody.destroy();
  });
});
