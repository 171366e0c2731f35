import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Credentials, createDevPki, type DevPki } from './pki.ts';

let root: string;
let pki: DevPki;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'countersign-pki-'));
  pki = await createDevPki(join(root, 'pki'));
});

afterAll(() => rm(root, { recursive: true, force: true }));

const parsed = async (file: string) => new X509Certificate(await readFile(file));

describe('authorities', () => {
  test.each([
    ['api-ca', () => pki.apiCaFile],
    ['operator-ca', () => pki.operatorCaFile],
  ])('%s is a self-signed P-256 authority', async (name, file) => {
    const ca = await parsed(file());
    expect(ca.ca).toBe(true);
    expect(ca.subject).toBe(`CN=countersign dev ${name}`);
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(ca.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  });

  test('their private keys are nowhere in the folder', async () => {
    await expect(stat(join(pki.dir, 'api-ca.key'))).rejects.toThrow('ENOENT');
    await expect(stat(join(pki.dir, 'operator-ca.key'))).rejects.toThrow('ENOENT');
  });
});

describe('certificates', () => {
  test.each([
    ['signer', 'URI:spiffe://countersign.dev/signer, DNS:localhost, IP Address:127.0.0.1', '1.3.6.1.5.5.7.3.1', 'api'],
    ['api', 'URI:spiffe://countersign.dev/api', '1.3.6.1.5.5.7.3.2', 'api'],
    ['operator', 'URI:spiffe://countersign.dev/operator', '1.3.6.1.5.5.7.3.2', 'operator'],
  ] as const)(
    '%s carries its names, its usage and its authority’s signature',
    async (name, names, usage, authority) => {
      const [apiCa, operatorCa] = [await parsed(pki.apiCaFile), await parsed(pki.operatorCaFile)];
      const certificate = await parsed(pki[name].certFile);
      expect(certificate.subjectAltName).toBe(names);
      expect(certificate.keyUsage).toEqual([usage]);
      expect(certificate.ca).toBe(false);
      expect(certificate.checkIssued(apiCa)).toBe(authority === 'api');
      expect(certificate.verify(apiCa.publicKey)).toBe(authority === 'api');
      expect(certificate.checkIssued(operatorCa)).toBe(authority === 'operator');
      expect(certificate.verify(operatorCa.publicKey)).toBe(authority === 'operator');
    },
  );

  test('live for days, not years', async () => {
    const { validFromDate, validToDate } = await parsed(pki.signer.certFile);
    expect(validFromDate.getTime()).toBeLessThanOrEqual(Date.now());
    expect(validToDate.getTime()).toBeGreaterThan(Date.now() + 86_400_000);
    expect(validToDate.getTime()).toBeLessThan(Date.now() + 8 * 86_400_000);
  });

  test('private keys are readable by their owner alone', async () => {
    expect((await stat(pki.dir)).mode & 0o777).toBe(0o700);
    for (const { keyFile, privateKey, certificate } of [pki.signer, pki.api, pki.operator]) {
      expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
      expect(await readFile(keyFile, 'utf8')).toBe(privateKey);
      expect(new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey))).toBe(true);
    }
  });

  test('serial numbers differ', async () => {
    const [signer, api] = [await parsed(pki.signer.certFile), await parsed(pki.api.certFile)];
    expect(signer.serialNumber).not.toBe(api.serialNumber);
  });
});

describe('issue', () => {
  test('two URI names', async () => {
    const uris = ['spiffe://countersign.dev/api', 'spiffe://countersign.dev/other'];
    const { certificate } = await pki.issue({ name: 'two-names', uris });
    expect(new X509Certificate(certificate).subjectAltName).toBe(uris.map((uri) => `URI:${uri}`).join(', '));
  });

  test('no name at all', async () => {
    const { certificate } = await pki.issue({ name: 'nobody' });
    expect(new X509Certificate(certificate).subjectAltName).toBeUndefined();
  });

  test('an expired one', async () => {
    const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-01-02T00:00:00Z')];
    const certificate = new X509Certificate((await pki.issue({ name: 'expired', notBefore, notAfter })).certificate);
    expect(certificate.validFromDate).toEqual(notBefore);
    expect(certificate.validToDate).toEqual(notAfter);
  });

  test('replaces a key file whose mode was loosened', async () => {
    const { keyFile } = await pki.issue({ name: 'again' });
    await chmod(keyFile, 0o644);
    await pki.issue({ name: 'again' });
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  });

  test('refuses a name that would leave the folder', async () => {
    await expect(pki.issue({ name: '../escape' })).rejects.toThrow('name: expected');
  });
});

describe('in a TLS 1.3 handshake', () => {
  /** What the signer's side finds out about the client's certificate: `accepted`, or OpenSSL's reason. */
  async function verdictOn(client: Credentials): Promise<string> {
    const ca = [await readFile(pki.apiCaFile, 'utf8')];
    const { certificate: cert, privateKey: key } = pki.signer;
    const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ host: '127.0.0.1', port, ca, cert: client.certificate, key: client.privateKey });
    try {
      const [[accepted]] = await Promise.all([once(server, 'secureConnection'), once(socket, 'secureConnect')]);
      return accepted.authorized ? 'accepted' : String(accepted.authorizationError);
    } finally {
      socket.destroy();
      server.close();
    }
  }

  test('the API and the signer accept each other', async () => {
    expect(await verdictOn(pki.api)).toBe('accepted');
  });

  test.each([
    ['an operator', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', async () => pki.operator],
    [
      'an expired certificate',
      'CERT_HAS_EXPIRED',
      () => pki.issue({ name: 'late', notBefore: new Date(0), notAfter: new Date(1000) }),
    ],
    ['a server certificate used as a client’s', 'INVALID_PURPOSE', async () => pki.signer],
    [
      'a stranger’s authority',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      async () => (await createDevPki(join(root, 'stranger'))).api,
    ],
  ])('%s is refused: %s', async (_who, reason, client) => {
    expect(await verdictOn(await client())).toBe(reason);
  });
});
