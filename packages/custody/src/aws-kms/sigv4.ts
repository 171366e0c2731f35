import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentials } from './aws-client.ts';

/** A POST to `/` of a service that speaks JSON: every operation of KMS is one. */
export interface PostToSign {
  /** As the Host header has it: with the port where that is not the scheme's own. */
  readonly host: string;
  readonly region: string;
  readonly service: string;
  /** `TrentService.Sign`. */
  readonly target: string;
  readonly body: string;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const CONTENT_TYPE = 'application/x-amz-json-1.1';

/**
 * Signs requests by AWS Signature Version 4. The key of a day is made of four HMACs and kept; only the last one is, so that a
 * secret that was replaced is forgotten.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function createSigV4() {
  let kept: { readonly of: string; readonly key: Buffer } | undefined;

  const keyOf = (secret: string, scope: readonly string[]): Buffer => {
    const of = [secret, ...scope].join('\0');
    if (kept?.of !== of) kept = { of, key: scope.reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`)) };
    return kept.key;
  };

  /** @returns all headers of the request. */
  return (post: PostToSign, credentials: AwsCredentials, now: Date): Record<string, string> => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const { host, region, service, target, body } = post;
    const time = now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
    const scope = [time.slice(0, 8), region, service, 'aws4_request'];
    // In the order of their names, as they have to be signed.
    const headers: Record<string, string> = {
      'content-type': CONTENT_TYPE,
      host,
      'x-amz-date': time,
      ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
      'x-amz-target': target,
    };
    const names = Object.keys(headers).join(';');
    const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
    const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`;
    const toSign = [ALGORITHM, time, scope.join('/'), sha256(canonical)].join('\n');
    const signature = hmac(keyOf(secretAccessKey, scope), toSign).toString('hex');
    const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...headers, authorization, 'content-length': String(Buffer.byteLength(body)) };
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
