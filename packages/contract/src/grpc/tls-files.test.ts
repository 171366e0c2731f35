import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevPki, type DevPki } from '@countersign/dev/pki';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { readTlsFiles, type TlsFiles, type TlsFilesWatch, type TlsMaterial, watchTlsFiles } from './tls-files.ts';

let directory: string;
let pki: DevPki;
let files: TlsFiles;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-tls-'));
  pki = await createDevPki(join(directory, 'pki'));
});
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  files = {
    caFile: join(directory, 'ca.pem'),
    certFile: join(directory, 'tls.pem'),
    keyFile: join(directory, 'tls.key'),
  };
  copyFileSync(pki.apiCaFile, files.caFile);
  copyFileSync(pki.signer.certFile, files.certFile);
  copyFileSync(pki.signer.keyFile, files.keyFile);
});

describe('readTlsFiles', () => {
  test('reads three files that belong together', () => {
    expect(readTlsFiles(files).cert.toString()).toBe(pki.signer.certificate);
  });

  test('takes several CAs', () => {
    writeFileSync(
      files.caFile,
      [pki.apiCaFile, pki.operatorCaFile].map((file) => readFileSync(file, 'utf8')).join('\n'),
    );
    expect(readTlsFiles(files).ca.length).toBeGreaterThan(1_000);
  });

  const half = (text: string) => text.slice(0, text.length / 2);
  test.each<[what: string, change: () => void, why: RegExp]>([
    ['no file', () => rmSync(files.keyFile), /ENOENT.*tls\.key/],
    ['an empty CA', () => writeFileSync(files.caFile, ''), /ca\.pem: expected whole certificates/],
    [
      'two CAs without a line between them, of which OpenSSL sees none',
      () => writeFileSync(files.caFile, readFileSync(pki.apiCaFile, 'utf8').trimEnd().repeat(2)),
      /ca\.pem: expected whole certificates/,
    ],
    [
      'a second CA that is cut off',
      () =>
        writeFileSync(
          files.caFile,
          `${readFileSync(pki.apiCaFile, 'utf8')}\n${half(readFileSync(pki.operatorCaFile, 'utf8'))}`,
        ),
      /ca\.pem: expected whole certificates/,
    ],
    ['a leaf for a CA', () => copyFileSync(pki.api.certFile, files.caFile), /ca\.pem: expected certificates of a CA/],
    [
      'half a certificate',
      () => writeFileSync(files.certFile, half(pki.signer.certificate)),
      /tls\.pem: expected whole/,
    ],
    ['half a key', () => writeFileSync(files.keyFile, half(pki.signer.privateKey)), /tls\.key: expected a private key/],
    [
      'the key of another',
      () => copyFileSync(pki.api.keyFile, files.keyFile),
      /tls\.pem: expected the certificate of the key/,
    ],
  ])('refuses %s', (_, change, why) => {
    change();
    expect(() => readTlsFiles(files)).toThrow(why);
  });

  test('says nothing of what is in a key', () => {
    writeFileSync(files.keyFile, pki.signer.privateKey.replaceAll('A', 'B'));
    const error = (() => {
      try {
        return readTlsFiles(files);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain(pki.signer.privateKey.slice(40, 60));
  });
});

describe('watchTlsFiles', () => {
  let watch: TlsFilesWatch | undefined;
  afterEach(() => watch?.close());

  /** What is reported, one after the other. */
  function reports() {
    const waiting: ((report: TlsMaterial | Error) => void)[] = [];
    const seen: (TlsMaterial | Error)[] = [];
    const tell = (report: TlsMaterial | Error) => {
      const next = waiting.shift();
      if (next === undefined) seen.push(report);
      else next(report);
    };
    watch = watchTlsFiles(files, readTlsFiles(files), tell, tell);
    return {
      next: () => {
        const report = seen.shift();
        return report === undefined ? new Promise<TlsMaterial | Error>((resolve) => waiting.push(resolve)) : report;
      },
      seen,
    };
  }

  test('a new certificate is reported with its key, once, though they are two files', async () => {
    const { next, seen } = reports();
    const { certFile, keyFile, certificate } = await pki.issue({ name: 'renewed', usage: 'serverAuth' });
    copyFileSync(certFile, files.certFile);
    copyFileSync(keyFile, files.keyFile);
    expect(await next()).toMatchObject({ cert: Buffer.from(certificate) });
    copyFileSync(pki.operatorCaFile, files.caFile);
    expect(await next()).toMatchObject({ cert: Buffer.from(certificate), ca: readFileSync(pki.operatorCaFile) });
    expect(seen).toEqual([]);
  });

  test('a half-written one is refused, and the whole one taken when it comes', async () => {
    const { next } = reports();
    const { certificate, privateKey } = await pki.issue({ name: 'later', usage: 'serverAuth' });
    writeFileSync(files.certFile, certificate);
    expect(await next()).toMatchObject({ message: expect.stringContaining('expected the certificate of the key') });
    writeFileSync(files.keyFile, privateKey);
    expect(await next()).toMatchObject({ key: Buffer.from(privateKey) });
  });

  test('what changed before the watch began is seen', async () => {
    const first = readTlsFiles(files);
    copyFileSync(pki.operatorCaFile, files.caFile);
    const changed = await new Promise<TlsMaterial>((resolve, reject) => {
      watch = watchTlsFiles(files, first, resolve, reject);
    });
    expect(changed.ca).toEqual(readFileSync(pki.operatorCaFile));
  });
});
