import { X509Certificate } from 'node:crypto';
import { type Authority, createAuthority } from '@countersign/dev/authority';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSpiffeId, PeerError, spiffeIdOf } from './peer.ts';

const DAY_MS = 86_400_000;
const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority('ca', validity);
});

async function leaf(uris: readonly string[], dns: readonly string[] = []): Promise<Uint8Array> {
  const terms = { name: 'leaf', usage: 'clientAuth', uris, dns, ips: ['127.0.0.1'], ...validity } as const;
  return new X509Certificate((await authority.certify(terms)).certificate).raw;
}

describe('spiffeIdOf', () => {
  test('reads the one URI, beside other names', async () => {
    expect(spiffeIdOf(await leaf(['spiffe://countersign.dev/api'], ['api.local']))).toBe(
      'spiffe://countersign.dev/api',
    );
  });

  test.each<[name: string, uris: string[], dns: string[]]>([
    ['no URI', [], ['spiffe.example']],
    ['two URIs', ['spiffe://countersign.dev/api', 'spiffe://countersign.dev/signer'], []],
    ['the same URI twice', ['spiffe://countersign.dev/api', 'spiffe://countersign.dev/api'], []],
    ['a second URI of another kind', ['spiffe://countersign.dev/api', 'https://countersign.dev/'], []],
    ['a URI that is none of SPIFFE', ['https://countersign.dev/api'], []],
    ['a URI that reads like two', ['spiffe://countersign.dev/x, URI:spiffe://countersign.dev/api'], []],
    ['a DNS name that reads like a URI', [], ['a, URI:spiffe://countersign.dev/api']],
    ['a DNS name that closes a quote', [], ['a", URI:spiffe://countersign.dev/api, DNS:"b']],
    ['an escape in the path', ['spiffe://countersign.dev/%61pi'], []],
  ])('refuses a certificate with %s', async (_, uris, dns) => {
    const certificate = await leaf(uris, dns);
    expect(() => spiffeIdOf(certificate)).toThrow(PeerError);
  });

  test('refuses the certificate of an authority', () => {
    const { raw } = new X509Certificate(authority.certificate);
    expect(() => spiffeIdOf(raw)).toThrow('certificate: expected a leaf, got one that may sign others');
  });

  test('refuses bytes that are no certificate', () => {
    expect(() => spiffeIdOf(new Uint8Array([0x30, 0x03, 1, 2, 3]))).toThrow('certificate: cannot be parsed');
  });

  test('never finds an identity that was not put in as the one URI', async () => {
    const text = fc.stringMatching(/^[ -~]{1,40}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 2 }), fc.array(text, { maxLength: 2 }), async (uris, dns) => {
        const certificate = await leaf(uris, dns);
        const [only] = uris;
        if (uris.length === 1 && only !== undefined && isSpiffeId(only)) expect(spiffeIdOf(certificate)).toBe(only);
        else expect(() => spiffeIdOf(certificate)).toThrow(PeerError);
      }),
      { numRuns: 50 },
    );
  });
});

describe('isSpiffeId', () => {
  test.each([
    'spiffe://countersign.dev',
    'spiffe://countersign.dev/api',
    'spiffe://a_b-c.1/ns/default/sa/api.v1_x-Y',
    'spiffe://countersign.dev/...',
  ])('accepts %s', (text) => expect(isSpiffeId(text)).toBe(true));

  test.each([
    '',
    'spiffe://',
    'spiffe:///api',
    'SPIFFE://countersign.dev/api',
    'spiffe://Countersign.dev/api',
    'spiffe://countersign.dev/',
    'spiffe://countersign.dev/api/',
    'spiffe://countersign.dev//api',
    'spiffe://countersign.dev/./api',
    'spiffe://countersign.dev/api/..',
    'spiffe://countersign.dev:8443/api',
    'spiffe://user@countersign.dev/api',
    'spiffe://countersign.dev/api?x=1',
    'spiffe://countersign.dev/api#x',
    'spiffe://countersign.dev/äpi',
    'spiffe://countersign.dev/api\n',
    ' spiffe://countersign.dev/api',
    `spiffe://countersign.dev/${'a'.repeat(2048)}`,
    `spiffe://${'a'.repeat(256)}/x`,
  ])('refuses %j', (text) => expect(isSpiffeId(text)).toBe(false));
});
