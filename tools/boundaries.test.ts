import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { checkBoundaries } from './boundaries/check-boundaries.ts';
import { findSourceFiles } from './boundaries/files.ts';
import { IMPURE_GLOBALS, IMPURE_MEMBERS, REACH_RULES } from './boundaries-rules.ts';

type Files = Readonly<Record<string, string>>;

interface PackageTerms {
  readonly exports?: readonly string[];
  readonly dependencies?: readonly string[];
  readonly devDependencies?: readonly string[];
  readonly references?: readonly string[];
}

/** The package.json and tsconfig.json of one package. */
function manifest(folder: string, terms: PackageTerms): Files {
  const versions = (names: readonly string[] = []) => Object.fromEntries(names.map((name) => [name, '1.0.0']));
  const name = `@countersign/${folder.split('/').at(-1)}`;
  const faces = (terms.exports ?? []).map((face) => [
    `./${face}`,
    { '@countersign/source': `./src/${face}.ts`, default: './dist/x.js' },
  ]);
  const references = (terms.references ?? []).map((path) => ({ path: `../../${path}` }));
  return {
    [`${folder}/package.json`]: JSON.stringify({
      name,
      exports: Object.fromEntries(faces),
      dependencies: versions(terms.dependencies),
      devDependencies: versions(terms.devDependencies),
    }),
    [`${folder}/tsconfig.json`]: JSON.stringify({ references }),
  };
}

const CHAINS: PackageTerms = {
  exports: ['decode', 'build'],
  dependencies: ['viem', '@stellar/stellar-sdk'],
};
const SIGNER: PackageTerms = {
  dependencies: ['@countersign/chains', '@countersign/policy', '@countersign/custody'],
  devDependencies: ['@countersign/dev'],
  references: ['packages/chains', 'packages/policy', 'packages/custody'],
};
const API: PackageTerms = {
  dependencies: ['@countersign/chains', '@nestjs/core'],
  devDependencies: ['@countersign/dev'],
  references: ['packages/chains'],
};

// Every rule's innocent neighbour is in here: what is allowed must pass.
const CLEAN: Files = {
  'package.json': JSON.stringify({ devDependencies: { '@jest/globals': '1.0.0' } }),
  ...manifest('packages/chains', CHAINS),
  'packages/chains/src/decode.ts': `import { TransactionBuilder } from '@stellar/stellar-sdk/base';
import { createHash } from 'node:crypto';
export const decode = (text: string) => [TransactionBuilder, createHash, new Date(text), Date.UTC(2026), { process: 1 }.process];`,
  'packages/chains/src/build.ts': `import { parseEther } from 'viem';\nexport const build = parseEther;`,
  'packages/chains/src/decode.test.ts': `import { test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { vector } from '../testing/vectors.ts';
test('x', () => [readFileSync, Date.now(), vector]);`,
  'packages/chains/testing/vectors.ts': `import { decode } from '../src/decode.ts';\nexport const vector = decode;`,
  ...manifest('packages/policy', {
    exports: ['decide'],
    dependencies: ['@countersign/chains'],
    references: ['packages/chains'],
  }),
  'packages/policy/src/decide.ts': `import type { decode } from '@countersign/chains/decode';\nexport type Decide = typeof decode;`,
  ...manifest('packages/custody', {
    exports: ['kms'],
    dependencies: ['@aws-sdk/client-kms'],
    devDependencies: ['@countersign/dev'],
  }),
  'packages/custody/src/kms.ts': `export * from '@aws-sdk/client-kms';\nexport const now = () => Date.now();`,
  'packages/custody/src/kms.test.ts': `import { startKms } from '@countersign/dev/kms';\nimport './kms.ts';\nstartKms();`,
  ...manifest('packages/dev', { exports: ['kms'] }),
  'packages/dev/src/kms.ts': `export const startKms = async (name: string) => import(name);`,
  ...manifest('services/signer', SIGNER),
  'services/signer/src/main.ts': `import { decode } from '@countersign/chains/decode';
import type { Decide } from '@countersign/policy/decide';
import * as kms from '@countersign/custody/kms';
export const main: [Decide, unknown] = [decode, kms];`,
  ...manifest('services/api', API),
  'services/api/src/main.ts': `import { build } from '@countersign/chains/build';\nimport '@nestjs/core';\nexport { build };`,
  'services/api/src/main.test.ts': `import { startKms } from '@countersign/dev/kms';\nstartKms('x');`,
  ...manifest('test', { devDependencies: ['@countersign/custody', '@countersign/dev'] }),
  'test/e2e.test.ts': `import '@countersign/custody/kms';\nimport '@countersign/dev/kms';`,
  'jest.config.mjs': `import './tools/tool.mjs';`,
  'tools/tool.mjs': `import { readFileSync } from 'node:fs';\nexport default readFileSync;`,
  'services/api/dist/main.js': `import '@aws-sdk/client-kms';`,
};

let roots: string;
beforeAll(() => {
  roots = mkdtempSync(join(tmpdir(), 'countersign-boundaries-'));
});
afterAll(() => rmSync(roots, { recursive: true, force: true }));

function plant(changes: Files): string {
  const root = mkdtempSync(join(roots, 'tree-'));
  for (const [path, text] of Object.entries({ ...CLEAN, ...changes })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('a clean tree passes, and every file of it was read', () => {
  const { violations, files, imports } = checkBoundaries(plant({}));
  expect(violations).toEqual([]);
  expect(files).toBe(14);
  expect(imports).toBe(21);
});

const PLANTS: readonly (readonly [name: string, changes: Files, found: string])[] = [
  [
    'the API imports custody',
    {
      ...manifest('services/api', {
        dependencies: ['@countersign/custody'],
        references: ['packages/custody'],
      }),
      'services/api/src/main.ts': `import '@countersign/custody/kms';`,
    },
    'services/api/src/main.ts → packages/custody/src/kms.ts: the control plane',
  ],
  [
    'the API imports a type of policy',
    {
      'services/api/src/main.ts': `import type { Decide } from '@countersign/policy/decide';\nexport type X = Decide;`,
    },
    'services/api/src/main.ts → packages/policy/src/decide.ts: the control plane',
  ],
  [
    'the API reaches KMS through another package',
    { 'packages/chains/src/build.ts': `export * from '@aws-sdk/client-kms';` },
    'services/api/src/main.ts → packages/chains/src/build.ts → @aws-sdk/client-kms: the control plane',
  ],
  [
    'the API loads an HSM driver when it runs',
    { 'services/api/src/main.ts': `export const hsm = () => import('pkcs11js');` },
    'services/api/src/main.ts → pkcs11js: the control plane',
  ],
  [
    'the client reaches policy',
    {
      ...manifest('packages/client', { dependencies: ['@countersign/policy'], references: ['packages/policy'] }),
      'packages/client/src/index.ts': `export * from '@countersign/policy/decide';`,
    },
    'packages/client/src/index.ts → packages/policy/src/decide.ts: the control plane',
  ],
  [
    'signerctl verifies a log with what wrote it',
    {
      ...manifest('packages/audit', { exports: ['chain'] }),
      'packages/audit/src/chain.ts': 'export const link = 1;',
      ...manifest('packages/operator', { dependencies: ['@countersign/audit'], references: ['packages/audit'] }),
      'packages/operator/src/verify.ts': `export * from '@countersign/audit/chain';`,
    },
    'packages/operator/src/verify.ts → packages/audit/src/chain.ts: a log is verified by other code',
  ],
  [
    'the API has KMS among what it installs, over two packages',
    {
      ...manifest('services/api', { ...API, dependencies: [...(API.dependencies ?? []), 'innocent'] }),
      'node_modules/innocent/package.json': JSON.stringify({ dependencies: { inner: '1' } }),
      'node_modules/innocent/node_modules/inner/package.json': JSON.stringify({
        dependencies: { '@aws-sdk/client-kms': '1' },
      }),
    },
    'services/api → innocent → inner → @aws-sdk/client-kms (package.json): the control plane',
  ],
  [
    'the API depends on custody over another package',
    {
      ...manifest('packages/chains', {
        ...CHAINS,
        dependencies: [...(CHAINS.dependencies ?? []), '@countersign/custody'],
        references: ['packages/custody'],
      }),
      'node_modules/@countersign/chains/package.json': JSON.stringify({
        dependencies: { '@countersign/custody': '1' },
      }),
    },
    'services/api → @countersign/chains → @countersign/custody (package.json): the control plane',
  ],
  [
    'the API imports the signer',
    {
      ...manifest('services/signer', { ...SIGNER, exports: ['main'] }),
      'services/api/src/main.ts': `import '@countersign/signer/main';`,
    },
    'services/api/src/main.ts → services/signer/src/main.ts: the wall',
  ],
  [
    'the signer imports the API',
    {
      ...manifest('services/api', { ...API, exports: ['main'] }),
      'services/signer/src/main.ts': `import '@countersign/api/main';`,
    },
    'services/signer/src/main.ts → services/api/src/main.ts: the data plane',
  ],
  [
    'the signer imports Nest',
    { 'services/signer/src/main.ts': `import '@nestjs/core';` },
    'main.ts → @nestjs/core: the data plane',
  ],
  [
    'the signer installs Nest',
    { ...manifest('services/signer', { ...SIGNER, dependencies: [...(SIGNER.dependencies ?? []), '@nestjs/common'] }) },
    'services/signer → @nestjs/common (package.json): the data plane',
  ],
  [
    'the signer reaches viem through a package that may use it',
    { 'packages/chains/src/decode.ts': `export { build as decode } from './build.ts';` },
    'services/signer/src/main.ts → packages/chains/src/decode.ts → packages/chains/src/build.ts → viem: the signer loads no RPC',
  ],
  [
    'the signer reaches the RPC part of the Stellar SDK',
    { 'packages/chains/src/decode.ts': `export { Server as decode } from '@stellar/stellar-sdk/rpc';` },
    'packages/chains/src/decode.ts → @stellar/stellar-sdk/rpc: the signer loads no RPC',
  ],
  [
    'the signer reaches axios',
    { 'packages/custody/src/kms.ts': `import axios = require('axios');\nexport default axios;` },
    'packages/custody/src/kms.ts → axios: the signer loads no RPC',
  ],
  [
    'a package imports a service',
    {
      ...manifest('services/api', { ...API, exports: ['main'] }),
      'packages/custody/src/kms.ts': `export * from '@countersign/api/main';`,
    },
    'packages/custody/src/kms.ts → services/api/src/main.ts: packages never import services',
  ],
  [
    'the test of a package imports a service',
    { 'packages/custody/src/kms.test.ts': `import '../../../services/api/src/main.ts';` },
    'packages/custody/src/kms.test.ts → services/api/src/main.ts: packages never import services',
  ],
  [
    'what ships imports the development parts',
    { 'services/signer/src/main.ts': `export { startKms } from '@countersign/dev/kms';` },
    'services/signer/src/main.ts → packages/dev/src/kms.ts: the development parts',
  ],
  [
    'what ships makes a require of its own',
    { 'services/api/src/main.ts': `import { createRequire } from 'node:module';\nexport default createRequire;` },
    'services/api/src/main.ts → node:module: what is loaded',
  ],
  [
    'what ships imports test code',
    { 'packages/chains/src/build.ts': `export { vector as build } from '../testing/vectors.ts';` },
    'packages/chains/src/build.ts → packages/chains/testing/vectors.ts: what ships imports no test code',
  ],
  [
    'chains reads a file',
    { 'packages/chains/src/build.ts': `import 'node:fs';` },
    'packages/chains/src/build.ts → node:fs: pure',
  ],
  [
    'chains reads a file, by the old name',
    { 'packages/chains/src/build.ts': `import 'fs/promises';` },
    'build.ts → node:fs/promises: pure',
  ],
  [
    'policy opens a socket',
    { 'packages/policy/src/decide.ts': `export type S = import('node:net').Socket;` },
    'decide.ts → node:net: pure',
  ],
  [
    'policy asks what time it is',
    { 'packages/policy/src/decide.ts': `export const at = () => new Date();` },
    'decide.ts uses the current Date: pure',
  ],
  [
    'policy asks in another way',
    { 'packages/policy/src/decide.ts': `export const at = Date();` },
    'decide.ts uses the current Date: pure',
  ],
  [
    'policy reaches a global by its full name',
    { 'packages/policy/src/decide.ts': `export const at = globalThis['process'];` },
    'decide.ts uses globalThis: pure',
  ],
  [
    'an import goes behind the exports of a package',
    { 'services/api/src/main.ts': `import '@countersign/chains/src/decode.ts';` },
    'services/api/src/main.ts → @countersign/chains/src/decode.ts: not among the exports of packages/chains',
  ],
  [
    'an import climbs into another package',
    { 'services/signer/src/main.ts': `import '../../../packages/custody/src/kms.ts';` },
    'services/signer/src/main.ts → packages/custody/src/kms.ts: import another package by a name of its exports',
  ],
  [
    'an import of nothing',
    { 'services/api/src/main.ts': `export * from './gone.ts';` },
    'services/api/src/main.ts → ./gone.ts: no such file',
  ],
  [
    'an export without its file',
    {
      ...manifest('packages/chains', { ...CHAINS, exports: ['decode', 'build', 'gone'] }),
      'services/api/src/main.ts': `import '@countersign/chains/gone';`,
    },
    'services/api/src/main.ts → @countersign/chains/gone: packages/chains/src/gone.ts does not exist',
  ],
  [
    'an export that nobody imports',
    { 'services/api/src/main.ts': `export {};` },
    'packages/chains/package.json: nobody imports @countersign/chains/build',
  ],
  [
    'an import whose name is made at run time',
    { 'services/api/src/main.ts': `export const load = (name: string) => import(name);` },
    'services/api/src/main.ts: an import without a literal name',
  ],
  [
    'an undeclared dependency',
    { 'services/api/src/main.ts': `import 'left-pad';` },
    'main.ts → left-pad: not among the dependencies of services/api',
  ],
  [
    'a devDependency in what ships',
    {
      ...manifest('services/api', { ...API, devDependencies: ['fast-check'] }),
      'services/api/src/main.ts': `import 'fast-check';`,
    },
    'main.ts → fast-check: not among the dependencies of services/api',
  ],
  [
    'a test with an undeclared dependency',
    { 'services/api/src/main.test.ts': `import 'fast-check';` },
    'main.test.ts → fast-check: not among the dependencies or devDependencies of services/api',
  ],
  [
    'files that import one another',
    {
      'packages/chains/src/build.ts': `import type { decode } from './decode.ts';\nexport type B = typeof decode;`,
      'packages/chains/src/decode.ts': `import './build.ts';\nexport const decode = 1;`,
    },
    'packages/chains/src/build.ts → packages/chains/src/decode.ts → packages/chains/src/build.ts: a circle',
  ],
  [
    'packages that need one another',
    {
      ...manifest('packages/custody', { dependencies: ['@countersign/dev'], references: ['packages/dev'] }),
      ...manifest('packages/dev', { dependencies: ['@countersign/custody'], references: ['packages/custody'] }),
    },
    '@countersign/custody → @countersign/dev → @countersign/custody: a circle',
  ],
  [
    'a reference that is missing',
    manifest('services/api', { ...API, references: [] }),
    'services/api/tsconfig.json: references lack packages/chains',
  ],
  [
    'a reference too many',
    manifest('services/api', { ...API, references: ['packages/chains', 'packages/dev'] }),
    'services/api/tsconfig.json: packages/dev is not a dependency',
  ],
];

describe('a planted violation is found:', () => {
  test.each(PLANTS)('%s', (_, changes, found) => {
    const { violations } = checkBoundaries(plant(changes));
    expect(violations).toContainEqual(expect.stringContaining(found));
  });

  test.each([...IMPURE_GLOBALS, ...IMPURE_MEMBERS])('chains uses %s', (name) => {
    const { violations } = checkBoundaries(
      plant({ 'packages/chains/src/build.ts': `export const build = () => ${name};` }),
    );
    expect(violations).toEqual([`packages/chains/src/build.ts uses ${name}: pure: no I/O, no clock, no chance`]);
  });
});

test.each(REACH_RULES)('a plant breaks the rule of $from: $why', ({ why }) => {
  expect(PLANTS.filter(([, , found]) => why.startsWith(found.split(': ').at(-1) ?? '?'))).not.toEqual([]);
});

test('in this repository, every source file that git lists is read, and there are some', () => {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const deleted = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\0');
  const sources = listed.split('\0').filter((file) => /\.[mc]?[jt]s$/.test(file) && !deleted.includes(file));
  expect(findSourceFiles(root)).toEqual(sources.sort());
  expect(sources.length).toBeGreaterThan(100);
});
