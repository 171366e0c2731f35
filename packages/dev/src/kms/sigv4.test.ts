import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Credentials, type Kms, startKms } from './start-kms.ts';

/** The hash that the signing library asks for, from node:crypto. */
class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret === undefined ? undefined : typeof secret === 'string' ? secret : Buffer.from(bytesOf(secret));
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

let kms: Kms;
beforeAll(async () => {
  kms = await startKms({ keys: [{ alias: 'alias/one', algorithm: 'ed25519' }] });
});
afterAll(() => kms.close());

interface Change {
  readonly credentials?: Credentials & { readonly sessionToken?: string };
  readonly region?: string;
  readonly service?: string;
  readonly signingDate?: Date;
  readonly body?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Changes what was signed, after signing. */
  readonly after?: (headers: Headers) => void;
  readonly sentBody?: string;
}

async function call(
  change: Change = {},
): Promise<{ status: number; type: string; message: string; requestId: string }> {
  const body = change.body ?? JSON.stringify({ KeyId: 'alias/one' });
  const signer = new SignatureV4({
    credentials: change.credentials ?? kms.credentials.signer,
    region: change.region ?? kms.region,
    service: change.service ?? 'kms',
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: kms.port,
      path: '/',
      query: {},
      headers: {
        host: `127.0.0.1:${kms.port}`,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': change.target ?? 'TrentService.DescribeKey',
        ...change.headers,
      },
      body,
    },
    change.signingDate === undefined ? {} : { signingDate: change.signingDate },
  );
  const sent = new Headers(headers);
  change.after?.(sent);
  const response = await fetch(kms.url, { method: 'POST', headers: sent, body: change.sentBody ?? body });
  const answer: unknown = await response.json();
  const { __type: type = 'ok', message = '' } = answer as { __type?: string; message?: string };
  return {
    status: response.status,
    type,
    message,
    requestId: response.headers.get('x-amzn-requestid') ?? '',
  };
}

describe('Signature Version 4', () => {
  test('a request signed by an independent implementation is answered', async () => {
    expect(await call()).toMatchObject({ status: 200, type: 'ok' });
  });

  test.each<[string, () => Change, string]>([
    [
      'another secret',
      () => ({ credentials: { ...kms.credentials.signer, secretAccessKey: 'guess' } }),
      'InvalidSignatureException',
    ],
    [
      "another role's secret",
      () => ({
        credentials: { ...kms.credentials.signer, secretAccessKey: kms.credentials.operator.secretAccessKey },
      }),
      'InvalidSignatureException',
    ],
    [
      'an unknown access key',
      () => ({ credentials: { ...kms.credentials.signer, accessKeyId: 'AKIANOBODY' } }),
      'UnrecognizedClientException',
    ],
    [
      'a session token, which neither role has',
      () => ({ credentials: { ...kms.credentials.signer, sessionToken: 'token' } }),
      'UnrecognizedClientException',
    ],
    ['another region', () => ({ region: 'eu-west-1' }), 'InvalidSignatureException'],
    ['another service', () => ({ service: 's3' }), 'InvalidSignatureException'],
    ['a body changed on the way', () => ({ sentBody: '{"KeyId":"alias/two"}' }), 'InvalidSignatureException'],
    [
      'an operation changed on the way',
      () => ({ after: (headers) => headers.set('x-amz-target', 'TrentService.Sign') }),
      'InvalidSignatureException',
    ],
    [
      'a header added on the way',
      () => ({ after: (headers) => headers.set('x-amz-extra', '1') }),
      'InvalidSignatureException',
    ],
    [
      'a signature that is too short',
      () => ({ after: (headers) => headers.set('authorization', headers.get('authorization')?.slice(0, -2) ?? '') }),
      'IncompleteSignatureException',
    ],
    [
      'another scheme',
      () => ({ after: (headers) => headers.set('authorization', 'Bearer abc') }),
      'IncompleteSignatureException',
    ],
    [
      'no authorization',
      () => ({ after: (headers) => headers.delete('authorization') }),
      'MissingAuthenticationTokenException',
    ],
    ['no date', () => ({ after: (headers) => headers.delete('x-amz-date') }), 'IncompleteSignatureException'],
    [
      'an operation that KMS does not have',
      () => ({ target: 'TrentService.ExportPrivateKey' }),
      'UnknownOperationException',
    ],
    ['another protocol target', () => ({ target: 'DynamoDB.Sign' }), 'UnknownOperationException'],
    ['a body that is no JSON', () => ({ body: '{"KeyId":' }), 'SerializationException'],
    ['a body that is no object', () => ({ body: '[]' }), 'SerializationException'],
  ])('%s is refused, with a request id', async (_, change, type) => {
    const answer = await call(change());
    expect(answer).toMatchObject({ status: 400, type });
    expect(answer.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.message).not.toBe('');
  });

  test.each([
    [-6, 'Signature expired: '],
    [6, 'Signature not yet current: '],
  ])('a clock that is %d minutes off is refused', async (minutes, message) => {
    const answer = await call({ signingDate: new Date(Date.now() + minutes * 60_000) });
    expect(answer).toMatchObject({ status: 400, type: 'InvalidSignatureException' });
    expect(answer.message).toContain(message);
  });

  test.each([-4, 4])('a clock that is %d minutes off is borne with', async (minutes) => {
    expect(await call({ signingDate: new Date(Date.now() + minutes * 60_000) })).toMatchObject({ type: 'ok' });
  });

  test('a date that no calendar has is refused', async () => {
    const date = '20269999T000000Z';
    const answer = await call({
      after: (headers) => {
        headers.set('x-amz-date', date);
        headers.set('authorization', headers.get('authorization')?.replace(/\/\d{8}\//, '/20269999/') ?? '');
      },
    });
    expect(answer).toMatchObject({ status: 400, type: 'IncompleteSignatureException' });
  });

  test('spaces inside a signed header count as one', async () => {
    expect(await call({ headers: { 'x-amz-note': 'a  b   c' } })).toMatchObject({ type: 'ok' });
  });

  test('an oversized body is cut off', async () => {
    await expect(fetch(kms.url, { method: 'POST', body: 'x'.repeat(100_000) })).rejects.toThrow();
  });
});
