import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { createSigV4 } from './sigv4.ts';

const POST = {
  host: 'kms.eu-central-1.amazonaws.com',
  region: 'eu-central-1',
  service: 'kms',
  target: 'TrentService.Sign',
  body: '{"KeyId":"alias/treasury"}',
};
const PAIR = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const NOW = new Date('2026-11-28T12:34:56.789Z');

/** By the AWS SDK. */
async function signedBySdk(post: typeof POST, credentials: typeof PAIR & { sessionToken?: string }, now: Date) {
  class Sha256 {
    readonly #hash;
    constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
      this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytes(secret));
    }
    update(chunk: string | ArrayBuffer | ArrayBufferView) {
      this.#hash.update(bytes(chunk));
    }
    async digest() {
      return new Uint8Array(this.#hash.digest());
    }
    reset() {}
  }
  const signer = new SignatureV4({
    credentials,
    region: post.region,
    service: post.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: 'https:',
      hostname: post.host,
      path: '/',
      headers: { host: post.host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': post.target },
      body: post.body,
    },
    { signingDate: now },
  );
  return headers['authorization'];
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

describe('AWS Signature Version 4', () => {
  test.each([
    ['a pair of keys', POST, PAIR, NOW],
    ['a session token', POST, { ...PAIR, sessionToken: 'token/+=' }, NOW],
    ['a port', { ...POST, host: '127.0.0.1:4566' }, PAIR, NOW],
    ['a body that is not ASCII', { ...POST, body: '{"KeyId":"é€𝄞"}' }, PAIR, NOW],
    ['the first second of a day', POST, PAIR, new Date('2027-01-01T00:00:00.000Z')],
  ])('is what the SDK signs: %s', async (_, post, credentials, now) => {
    expect(createSigV4()(post, credentials, now)['authorization']).toBe(await signedBySdk(post, credentials, now));
  });

  test('one signer goes on over days, regions and secrets', async () => {
    const sign = createSigV4();
    for (const now of [NOW, new Date('2026-11-29T00:00:00Z'), NOW]) {
      for (const region of ['eu-central-1', 'us-east-1']) {
        for (const secretAccessKey of [PAIR.secretAccessKey, 'another']) {
          const [post, credentials] = [
            { ...POST, region },
            { ...PAIR, secretAccessKey },
          ];
          expect(sign(post, credentials, now)['authorization']).toBe(await signedBySdk(post, credentials, now));
        }
      }
    }
  });

  test('the headers are all that is sent: the length counts bytes', () => {
    const headers = createSigV4()({ ...POST, body: 'é' }, { ...PAIR, sessionToken: 't' }, NOW);
    expect(headers).toEqual({
      authorization: expect.stringContaining(
        'SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target,',
      ),
      'content-length': '2',
      'content-type': 'application/x-amz-json-1.1',
      host: POST.host,
      'x-amz-date': '20261128T123456Z',
      'x-amz-security-token': 't',
      'x-amz-target': POST.target,
    });
  });
});
