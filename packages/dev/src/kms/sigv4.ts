import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Identity } from './access.ts';
import { KmsError } from './kms-error.ts';

/** Signature Version 4 as the server checks it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const ALGORITHM = 'AWS4-HMAC-SHA256';
const SKEW_MS = 5 * 60_000;

export interface SignedRequest {
  readonly method: string;
  /** `/` for every KMS operation. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface Verifier {
  /**
   * @returns whoever signed
   * @throws KmsError `MissingAuthenticationTokenException`, `IncompleteSignatureException`, `UnrecognizedClientException`,
   *   `InvalidSignatureException`
   */
  verify(request: SignedRequest, now: Date): Identity;
}

export interface Principal {
  readonly identity: Identity;
  readonly secretAccessKey: string;
}

/** @param principals by access key id */
export function createVerifier(region: string, principals: ReadonlyMap<string, Principal>): Verifier {
  const signingKeys = new Map<string, Buffer>();

  /** The key of one day: four HMACs that need not be made for every request. */
  function signingKey(accessKeyId: string, secret: string, day: string): Buffer {
    const name = `${accessKeyId}/${day}`;
    const known = signingKeys.get(name);
    if (known !== undefined) return known;
    const key = [day, region, 'kms', 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
    signingKeys.set(name, key);
    return key;
  }

  return {
    verify(request, now) {
      const { accessKeyId, scope, signedHeaders, signature } = parseAuthorization(request.headers.authorization);
      const principal = principals.get(accessKeyId);
      if (principal === undefined || request.headers['x-amz-security-token'] !== undefined) {
        throw new KmsError('UnrecognizedClientException', 'The security token included in the request is invalid.');
      }
      const date = dateOf(request.headers);
      const day = date.slice(0, 8);
      if (scope !== `${day}/${region}/kms/aws4_request`) {
        throw invalid(`Credential should be scoped to ${day}/${region}/kms/aws4_request.`);
      }
      assertFresh(date, now);
      assertHeadersSigned(request.headers, signedHeaders);
      const toSign = [ALGORITHM, date, scope, sha256(canonicalRequest(request, signedHeaders))].join('\n');
      const expected = hmac(signingKey(accessKeyId, principal.secretAccessKey, day), toSign);
      const given = Buffer.from(signature, 'hex');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
        throw invalid(
          'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
        );
      }
      return principal.identity;
    },
  };
}

interface Authorization {
  readonly accessKeyId: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/([^,\s]+),\s*SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$/;

function parseAuthorization(header: string | undefined): Authorization {
  if (header === undefined) throw new KmsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, accessKeyId, scope, signedHeaders, signature] = AUTHORIZATION.exec(header) ?? [];
  if (accessKeyId === undefined || scope === undefined || signedHeaders === undefined || signature === undefined) {
    throw new KmsError('IncompleteSignatureException', 'Authorization header is not a valid Signature Version 4.');
  }
  return { accessKeyId, scope, signedHeaders: signedHeaders.split(';'), signature };
}

function dateOf(headers: IncomingHttpHeaders): string {
  const date = headers['x-amz-date'];
  if (typeof date === 'string' && /^\d{8}T\d{6}Z$/.test(date)) return date;
  throw notADate();
}

/** A header that is not signed could be changed on the way. */
function assertHeadersSigned(headers: IncomingHttpHeaders, signedHeaders: readonly string[]): void {
  const signed = new Set(signedHeaders);
  for (const name of Object.keys(headers)) {
    if ((name === 'host' || name.startsWith('x-amz-')) && !signed.has(name)) {
      throw invalid(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
}

function canonicalRequest({ method, path, headers, body }: SignedRequest, signedHeaders: readonly string[]): string {
  const lines = signedHeaders.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replaceAll(/ +/g, ' ')}\n`,
  );
  return [method, path, '', lines.join(''), signedHeaders.join(';'), sha256(body)].join('\n');
}

function assertFresh(date: string, now: Date): void {
  const signedAt = Date.parse(date.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(signedAt)) throw notADate();
  const shifted = (ms: number) => basicFormat(new Date(now.getTime() + ms));
  if (signedAt < now.getTime() - SKEW_MS) {
    throw invalid(`Signature expired: ${date} is now earlier than ${shifted(-SKEW_MS)} (${shifted(0)} - 5 min.)`);
  }
  if (signedAt > now.getTime() + SKEW_MS) {
    throw invalid(
      `Signature not yet current: ${date} is still later than ${shifted(SKEW_MS)} (${shifted(0)} + 5 min.)`,
    );
  }
}

function basicFormat(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
}

const notADate = () => new KmsError('IncompleteSignatureException', "Date must be in ISO-8601 'basic format'.");
const invalid = (message: string) => new KmsError('InvalidSignatureException', message);
const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer, data: string) => createHmac('sha256', key).update(data).digest();
