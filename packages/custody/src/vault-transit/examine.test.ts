import { join } from 'node:path';
import { describePart } from '@countersign/dev/describe-part';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SIGNER_RULES } from '../../testing/open-bao.ts';
import { openVault, type VaultUnderTest } from '../../testing/vault-under-test.ts';
import { examineKeys } from '../examine-key.ts';
import type { Finding } from '../finding.ts';
import { createVaultTransitProvider } from './provider.ts';
import type { VaultPlace } from './vault-config.ts';

const OPTIONS = { mode: 'development', attemptTimeoutMs: 2_000 } as const;
const soon = () => AbortSignal.timeout(25_000);

describePart({ describe, test }, 'bao', (part) => {
  let vault: VaultUnderTest;
  beforeAll(async () => {
    vault = await openVault(part);
  });
  afterEach(() => vault.proxy.clear());
  afterAll(() => vault.close());

  async function examine(other: Partial<VaultPlace> = {}, key = 'treasury'): Promise<readonly Finding[]> {
    const provider = createVaultTransitProvider({ ...vault.place, ...other }, OPTIONS, () => {});
    try {
      const custody = { backend: 'vault-transit', vault: 'main', key } as const;
      return (await provider.examine?.(custody, 'ed25519', soon())) ?? [];
    } finally {
      await provider.close();
    }
  }
  const withToken = async (rules: string, terms?: object) =>
    examine({ token_file: await vault.bao.writeToken('examined', await vault.bao.createToken(rules, terms)) });
  const named = (findings: readonly Finding[], name: string) => findings.find((one) => one.name === name);

  test('a token with the rights of the signer: all is well, and nothing is signed', async () => {
    const answers: string[] = [];
    const seen = (text: string) => {
      answers.push(text);
      return text;
    };
    vault.proxy.fault({ kind: 'change', change: seen });
    expect(await examine()).toEqual([
      { name: 'answers', ok: true, detail: expect.stringMatching(/^transit\/keys\/treasury, in \d+\.\d ms$/) },
      { name: 'token', ok: true, detail: expect.stringMatching(/^expires in \d+ s, renewable$/) },
      { name: 'permission', ok: true, detail: 'may read the key and sign with it' },
      { name: 'least rights', ok: true, detail: 'nothing that leads to the private key' },
    ]);
    expect(answers.length).toBeGreaterThan(2);
    expect(answers.filter((text) => text.includes('vault:v'))).toEqual([]);
  });

  test('doctor shows it beside what opening the key shows', async () => {
    const kms = { backend: 'vault-transit', vault: 'main', key: 'treasury' } as const;
    const key = {
      algorithm: 'ed25519',
      public_key: await vault.bao.publicKey('treasury'),
      custodies: { kms },
    } as const;
    const places = { vaults: { main: vault.place } };
    const [report] = await examineKeys(
      { keys: [['treasury', key]], places },
      { env: {}, aws: { mode: 'development' } },
      25_000,
    );
    expect(report?.custodies.flatMap(({ findings }) => findings.map(({ name, ok }) => [name, ok]))).toEqual([
      ['opens', true],
      ['public key', true],
      ['answers', true],
      ['token', true],
      ['permission', true],
      ['least rights', true],
    ]);
  });

  test('a token that may not sign', async () => {
    const findings = await withToken('path "transit/keys/*" { capabilities = ["read"] }');
    expect(named(findings, 'permission')).toEqual({
      name: 'permission',
      ok: false,
      detail: 'lacks update on transit/sign/treasury',
      advice: 'put it into the policy of the token',
    });
  });

  test.each([
    ['transit/keys/treasury/config', 'update'],
    ['transit/export/signing-key/treasury', 'read'],
    ['transit/backup/treasury', 'read'],
  ])('a token that leads to the private key: %s', async (path, capability) => {
    const findings = await withToken(`${SIGNER_RULES}\npath "${path}" { capabilities = ["${capability}"] }`);
    expect(named(findings, 'least rights')).toMatchObject({ ok: false, detail: `has ${capability} on ${path}` });
    expect(named(findings, 'permission')).toMatchObject({ ok: true });
  });

  test('a root token', async () => {
    const findings = await withToken(SIGNER_RULES, { policies: ['root'] });
    expect(named(findings, 'token')).toMatchObject({
      ok: false,
      detail: 'it is a root token, which may do everything',
    });
    expect(named(findings, 'least rights')).toMatchObject({
      ok: false,
      detail:
        'has update on transit/keys/treasury/config, read on transit/export/signing-key/treasury, read on transit/backup/treasury',
    });
  });

  test('a token that is about to expire, and one that lives long', async () => {
    const [short, long] = [
      await withToken(SIGNER_RULES, { ttl: '60s', renewable: false }),
      await withToken(SIGNER_RULES, { ttl: '1h' }),
    ];
    expect(named(short, 'token')).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^expires in (60|59) s, not renewable$/),
      advice: expect.stringContaining('have an agent renew it'),
    });
    expect(named(long, 'token')).toMatchObject({
      ok: true,
      detail: expect.stringMatching(/^expires in 3\d{3} s, renew/),
    });
  });

  test('a token that may not look at itself: what was not looked at is said, and is no failure', async () => {
    expect((await withToken(SIGNER_RULES, { no_default_policy: true })).slice(1)).toEqual([
      { name: 'token', ok: true, detail: 'not looked at: the token may not ask auth/token/lookup-self' },
      { name: 'permission', ok: true, detail: 'not looked at: the token may not ask sys/capabilities-self' },
    ]);
  });

  test('an answer that says nothing of the token is a failure', async () => {
    const nothing = (text: string) => (text.includes('creation_ttl') ? '{"data":{"ttl":"soon"}}' : text);
    vault.proxy.fault({ kind: 'change', change: nothing });
    expect(named(await examine(), 'token')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('expected ttl'),
    });
  });

  test.each<[what: string, other: () => Partial<VaultPlace>, key: string, detail: string, advice: string]>([
    ['another name', () => ({}), 'nobody', 'Status404', 'look at the name of the key, the mount and the namespace'],
    [
      'another mount',
      () => ({ mount: 'elsewhere' }),
      'treasury',
      'permission denied',
      'allow read on elsewhere/keys/treasury',
    ],
    ['no token', () => ({ token_file: join(vault.bao.folder, 'none') }), 'treasury', 'NoToken', 'look at the agent'],
    [
      'nobody there',
      () => ({ address: 'http://127.0.0.1:1' }),
      'treasury',
      'ECONNREFUSED',
      'look at whether the vault is',
    ],
    [
      'a certificate that is not trusted',
      () => ({ address: vault.bao.tlsUrl }),
      'treasury',
      'Untrusted',
      'look at ca_file, and at the name in the certificate',
    ],
  ])('%s is the one finding, with what to do about it', async (_, other, key, detail, advice) => {
    expect(await examine(other(), key)).toEqual([
      {
        name: 'answers',
        ok: false,
        detail: expect.stringContaining(detail),
        advice: expect.stringContaining(advice),
      },
    ]);
  });
});
