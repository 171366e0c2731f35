import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const manifest: { exports: Record<string, unknown> } = JSON.parse(
  readFileSync(`${packageFolder}/package.json`, 'utf8'),
);
const BUILDERS = ['./stellar/build', './evm/build'];
const TESTING = Object.keys(manifest.exports).filter((entry) => entry.startsWith('./testing/'));
const SIGNER_ENTRIES = Object.keys(manifest.exports).filter(
  (entry) => !BUILDERS.includes(entry) && !TESTING.includes(entry),
);

const SCRIPT = `
  import { registerHooks } from 'node:module';
  const urls = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      urls.add(resolved.url);
      return resolved;
    },
  });
  for (const entry of process.argv.slice(1)) await import(entry.replace('.', '@countersign/chains'));
  process.stdout.write(JSON.stringify([...urls]));
`;

/** Every module that a process of its own loads for these entries. */
async function modulesOf(entries: readonly string[]): Promise<string[]> {
  const options = ['--conditions=@countersign/source', '--input-type=module', '--eval', SCRIPT, ...entries];
  const { stdout } = await promisify(execFile)(process.execPath, options, { cwd: packageFolder });
  return JSON.parse(stdout);
}

function packageOf(url: string): string {
  return /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? (url.startsWith('file:') ? 'chains' : url);
}

describe('the entries that the signer loads', () => {
  test('reach these libraries and no other, and nothing of Node', async () => {
    expect(SIGNER_ENTRIES).toHaveLength(16);
    const packages = new Set((await modulesOf(SIGNER_ENTRIES)).map(packageOf));
    expect([...packages].sort()).toEqual([
      '@exodus/bytes',
      '@noble/curves',
      '@noble/ed25519',
      '@noble/hashes',
      '@scure/base',
      '@stellar/js-xdr',
      '@stellar/stellar-sdk',
      'bignumber.js',
      'chains',
      'micro-eth-signer',
      'micro-packed',
      'uint8array-extras',
    ]);
  });

  test('reach no part of the Stellar SDK but its base and XDR', async () => {
    const sdk = (await modulesOf(SIGNER_ENTRIES)).filter((url) => packageOf(url) === '@stellar/stellar-sdk');
    const parts = sdk.map((url) => /\/stellar-sdk\/lib\/esm\/([^/]+)\//.exec(url)?.[1]);
    expect(new Set(parts)).toEqual(new Set(['base', 'xdr']));
  });

  test('reach no builder', async () => {
    const own = (await modulesOf(SIGNER_ENTRIES)).filter((url) => packageOf(url) === 'chains');
    expect(own.filter((url) => /\/build[^/]*$/.test(url))).toEqual([]);
  });
});

test('what tests share resolves from source alone: nothing that ships can load it', () => {
  expect(TESTING).toHaveLength(3);
  for (const entry of TESTING) {
    expect(Object.keys(Object(manifest.exports[entry]))).toEqual(['@countersign/source']);
  }
});

test('the same look at the builders finds them, and viem', async () => {
  const built = await modulesOf(BUILDERS);
  expect(built.filter((url) => packageOf(url) === 'chains' && /\/build[^/]*$/.test(url))).toHaveLength(3);
  expect(built.map(packageOf)).toContain('viem');
});
