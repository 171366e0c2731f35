import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { ERROR_TABLE } from '@countersign/contract/errors';
import { APPROVAL_NAMESPACE, approvalStatement } from '@countersign/sshsig/approval';
import { bundleStatement, POLICY_NAMESPACE } from '@countersign/sshsig/policy-bundle';
import { describe, expect, test } from '@jest/globals';

const root = new URL('../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  ...markdownIn('docs'),
  ...markdownIn('docs/decisions'),
  ...markdownIn('docs/runbooks'),
];

function markdownIn(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}

describe('docs/errors.md', () => {
  const text = read('docs/errors.md');
  // The codes of a union type, as its source lists them.
  const union = (path: string) => [...read(path).matchAll(/^ {2}\| '([A-Z0-9_]+)'/gm)].map(([, code = '']) => code);

  test.each([
    ['the error table', Object.keys(ERROR_TABLE)],
    ['the decoders', union('packages/chains/src/error.ts')],
    ['the policy', union('packages/policy/src/reason.ts')],
  ])('lists every code of %s', (_, codes) => {
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });

  test('lists the reasons that the signer and the engine write', () => {
    const sources = [
      'services/signer/src/signing',
      'services/api/src/engine',
      'services/api/src/engine/stellar',
      'services/api/src/engine/stellar/soroban',
      'services/api/src/engine/evm',
    ]
      .flatMap((folder) => readdirSync(new URL(`${folder}/`, root)).map((name) => `${folder}/${name}`))
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));
    const codes = sources.flatMap((path) =>
      [
        ...read(path).matchAll(
          /(?:code: |reason: |mismatch\(|bound\(|outOfWindow\(|failed\()'([A-Z0-9]+(?:_[A-Z0-9]+)+)'/g,
        ),
      ].map(([, code = '']) => code),
    );
    expect(codes.length).toBeGreaterThan(20);
    expect([...new Set(codes)].filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });
});

test('every path that the threat model names is there', () => {
  const named = [...read('docs/threat-model.md').matchAll(/`((?:test|packages|services|tools)\/[^`]+)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

describe('docs/ssh-signatures.md', () => {
  const text = read('docs/ssh-signatures.md');

  test('shows the statement of an approval as it is signed', () => {
    const statement = approvalStatement({
      payoutId: '2026-11-rent-0042',
      keyId: 'stellar-hot',
      network: 'stellar:testnet',
      destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ',
      asset: 'stellar:testnet/asset:USDC-GBBD47IF6LWK7P7MDEVSCWR7DPUWV3NY3DTQEVFL4NAT4AQH3ZLLFLA5',
      amount: 25_000_000_000n,
      memo: 'text:rent – "May"',
      expiresAt: 1_798_761_600n,
    });
    expect(text).toContain(`\n${statement}`);
    const lines = statement.split('\n').slice(1, -1);
    expect(lines.filter((line) => !text.includes(`| \`${line.split(':')[0]}\` |`))).toEqual([]);
  });

  test('shows the statement of a policy bundle as it is signed', () => {
    const statement = bundleStatement({
      environment: 'production',
      version: 7,
      policySha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      keysSha256: '60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752',
    });
    expect(text).toContain(`\n${statement}`);
  });

  test('names the namespaces', () => {
    for (const namespace of [APPROVAL_NAMESPACE, POLICY_NAMESPACE]) expect(text).toContain(`-n ${namespace} `);
  });
});

test.each(documents)('every link of %s leads somewhere', (document) => {
  const links = [...read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) => target);
  const base = new URL(document, root);
  expect(links.filter((target) => !existsSync(new URL(target, base)))).toEqual([]);
});
