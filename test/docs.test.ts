import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
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

  test('lists every code of the error table', () => {
    const codes = Object.keys(ERROR_TABLE);
    expect(codes.length).toBeGreaterThan(10);
    expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });

  test('lists what may be wrong with an SSH signature', () => {
    const [ofKeys = ''] = read('packages/sshsig/src/error.ts').split('// Statements.');
    const codes = [...ofKeys.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(8);
    expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
  });

  test('lists what may be wrong with a request, but for what stands in docs/refusals.md', () => {
    const [row = ''] = text.match(/^\| `VALIDATION_FAILED` \|.*$/m) ?? [];
    const folders = 'services/api/src/http/{payouts,approvals,problem,server}/*.ts';
    const sources = globSync(folders, { cwd: root }).filter((path) => !path.endsWith('.test.ts'));
    const codes = sources.flatMap((path) =>
      [...read(path).matchAll(/(?:code = |(?<!')[?:] |return |refused\(\s*'\w+',\s*)'([A-Z][A-Z_]+)'/g)].map(
        ([, code = '']) => code,
      ),
    );
    expect(codes.length).toBeGreaterThan(20);
    const told = row + read('docs/refusals.md');
    const ofFields = [...new Set(codes)].filter((code) => !(code in ERROR_TABLE));
    expect(ofFields.filter((code) => !told.includes(`\`${code}\``))).toEqual([]);
  });

  test('lists the reasons that the signer and the engine write, but for those of docs/refusals.md', () => {
    const sources = [
      'services/signer/src/signing',
      'services/signer/src/reservation',
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
          /(?:code: |reason: |code = .*\? |code = .* : |mismatch\(|bound\(|outOfWindow\(|failed\()'([A-Z0-9]+(?:_[A-Z0-9]+)+)'/g,
        ),
      ].map(([, code = '']) => code),
    );
    expect(codes.length).toBeGreaterThan(20);
    const told = text + read('docs/refusals.md');
    expect([...new Set(codes)].filter((code) => !told.includes(`\`${code}\``))).toEqual([]);
  });
});

test('every path that the threat model names is there', () => {
  const named = [...read('docs/threat-model.md').matchAll(/`((?:test|packages|services|tools)\/[^`]+)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test('docs/metrics.md has a row for each metric, and no other', () => {
  const sources = globSync(['services/*/src/**/*.ts', 'packages/runtime/src/*.ts'], { cwd: root });
  const code = sources.filter((path) => !path.endsWith('.test.ts')).map(read);
  const metrics = code.flatMap((text) => [...text.matchAll(/'(countersign_[a-z_]+)'/g)].map(([, name]) => name));
  const rows = [...read('docs/metrics.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, name]) => name);
  expect(metrics.length).toBeGreaterThan(25);
  expect(rows.toSorted()).toEqual(metrics.toSorted());
});

test('docs/containers.md has every alert', () => {
  const alerts = [...read('infra/prometheus/rules.yml').matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
  const text = read('docs/containers.md');
  expect(alerts.length).toBeGreaterThan(10);
  expect(alerts.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});

test('every runbook stands in the README, and every one that an alert names is there', () => {
  const runbooks = markdownIn('docs/runbooks');
  expect(runbooks.filter((path) => !read('README.md').includes(`(${path})`))).toEqual([]);
  const named = read('infra/prometheus/rules.yml').match(/docs\/runbooks\/[a-z-]+\.md/g) ?? [];
  expect(named.filter((path) => !runbooks.includes(path))).toEqual([]);
});

describe('docs/ssh-signatures.md', () => {
  const text = read('docs/ssh-signatures.md');

  test('shows the statement of an approval as it is signed', () => {
    const statement = approvalStatement({
      payoutId: 'po_019ab3c4d5e6f708192a3b4c5d6e7f80',
      keyId: 'stellar-hot',
      account: 'GDJWTIB25XYTO6L4363OTK3R5OIN3MDS2TUNJJEXC3OBYNKTTTL7LE6Q',
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
