import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { describePart } from '@countersign/dev/describe-part';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testBackend } from '../testing/backend-contract.ts';
import {
  ALGORITHMS,
  createKey,
  KEY_SPECS,
  type KmsUnderTest,
  openDevKms,
  openEmulator,
  SECRETS,
} from '../testing/kms-under-test.ts';
import { DIFFERENCES, expectedOf, type KmsName, RULES } from '../testing/rules/rules.ts';
import { openVault, type VaultUnderTest } from '../testing/vault-under-test.ts';
import { openAwsKmsBackend } from './aws-kms/aws-kms.ts';
import type { Algorithm, Backend } from './backend.ts';
import type { Provider } from './provider.ts';
import { openRegistry, type Registry } from './registry.ts';
import { createVaultTransitProvider } from './vault-transit/provider.ts';
import type { VaultCustody } from './vault-transit/vault-config.ts';

const soon = () => AbortSignal.timeout(25_000);

describe.each(ALGORITHMS)('the contract of a backend: env, %s', (algorithm) => {
  let registry: Registry;
  const backend = () => backendOf(registry, 'legacy', algorithm);
  beforeAll(async () => {
    const key = {
      algorithm,
      public_key: SECRETS[algorithm].public,
      custodies: { legacy: { backend: 'env', variable: 'SEED' } },
    } as const;
    const env = { SEED: SECRETS[algorithm].secret };
    registry = await openRegistry({ keys: { [algorithm]: key } }, { env, aws: { mode: 'development' } });
  });
  afterAll(() => registry.close());

  testBackend({
    name: 'env',
    algorithm,
    requestIds: false,
    backend,
    publicKey: () => Buffer.from(SECRETS[algorithm].public, 'hex'),
    calls: () => undefined,
  });
});

describe('over the dev KMS', () => testKms('dev KMS', ALGORITHMS, openDevKms));

describePart({ describe, test }, 'local-kms', (part) =>
  testKms('local-kms', ['secp256k1'], () => openEmulator(part, ['secp256k1'])),
);

describePart({ describe, test }, 'ministack', (part) =>
  testKms('ministack', ALGORITHMS, () => openEmulator(part, ALGORITHMS)),
);

describePart({ describe, test }, 'bao', (part) =>
  describe('the contract of a backend: vault-transit, ed25519', () => {
    let vault: VaultUnderTest;
    let provider: Provider<VaultCustody>;
    let backend: Backend;
    let publicKey: string;
    beforeAll(async () => {
      vault = await openVault(part);
      publicKey = await vault.bao.publicKey('treasury');
      const options = { mode: 'development', attemptTimeoutMs: 25_000 } as const;
      provider = createVaultTransitProvider(vault.place, options, () => {});
      const custody = { backend: 'vault-transit', vault: 'main', key: 'treasury' } as const;
      backend = await provider.open(custody, 'ed25519', soon());
    });
    afterAll(async () => {
      await provider.close();
      await vault.close();
    });

    testBackend({
      name: 'vault-transit',
      algorithm: 'ed25519',
      requestIds: true,
      backend: () => backend,
      publicKey: () => Buffer.from(publicKey, 'hex'),
      calls: () => vault.proxy.calls.length,
    });
  }),
);

function testKms(name: KmsName, algorithms: readonly Algorithm[], open: () => Promise<KmsUnderTest>): void {
  let kms: KmsUnderTest;
  let registry: Registry;
  beforeAll(async () => {
    kms = await open();
    const keys = [...kms.keys].map(([algorithm, { id, publicKey }]) => {
      const kms = { backend: 'aws-kms', key: id } as const;
      return [algorithm, { algorithm, public_key: publicKey, custodies: { kms } }] as const;
    });
    registry = await openRegistry({ keys: Object.fromEntries(keys) }, { env: {}, aws: kms.aws });
  });
  afterAll(async () => {
    await registry.close();
    kms.signer.destroy();
    kms.operator.destroy();
    await kms.close();
  });

  describe.each(algorithms)('the contract of a backend: aws-kms, %s', (algorithm) => {
    testBackend({
      name: 'aws-kms',
      algorithm,
      requestIds: DIFFERENCES[name]['the request id of an answer'] === undefined,
      backend: () => backendOf(registry, 'kms', algorithm),
      publicKey: () => Buffer.from(kms.keys.get(algorithm)?.publicKey ?? '', 'hex'),
      calls: () => kms.calls(),
    });

    test('a key that is disabled stops the start; one disabled later is refused, once', async () => {
      const key = await createKey(kms.operator, KEY_SPECS[algorithm], 'SIGN_VERIFY');
      const backend = await openAwsKmsBackend(kms.signer, { key, algorithm }, soon());
      await kms.operator.send(new DisableKeyCommand({ KeyId: key }));
      await expect(backend.sign(new Uint8Array(32), soon())).rejects.toMatchObject({
        code: 'REFUSED',
        attempts: [{ outcome: 'failed', errorCode: 'DisabledException' }],
      });
      await expect(openAwsKmsBackend(kms.signer, { key, algorithm }, soon())).rejects.toMatchObject({
        code: 'MISCONFIGURED',
        message: 'aws-kms: KeyState: expected Enabled, got Disabled',
      });
    });

    test('a key that does not exist stops the start', async () => {
      await expect(openAwsKmsBackend(kms.signer, { key: 'alias/nobody', algorithm }, soon())).rejects.toMatchObject({
        code: 'MISCONFIGURED',
        attempts: [{ outcome: 'failed', errorCode: 'NotFoundException' }],
      });
    });

    test('a key of another curve stops the start', async () => {
      const signs = DIFFERENCES[name]['CreateKey of ECC_NIST_P256 for SIGN_VERIFY'] === undefined;
      const key = await createKey(kms.operator, 'ECC_NIST_P256', signs ? 'SIGN_VERIFY' : 'KEY_AGREEMENT');
      await expect(openAwsKmsBackend(kms.signer, { key, algorithm }, soon())).rejects.toMatchObject({
        code: 'MISCONFIGURED',
        message: `aws-kms: KeySpec: expected ${KEY_SPECS[algorithm]}, got ECC_NIST_P256`,
      });
    });
  });

  describe('what AWS documents, or a difference that is written down', () => {
    const asked = RULES.filter((rule) => rule.needs.every((algorithm) => algorithms.includes(algorithm)));
    test.each(asked.map((rule) => [rule.title, expectedOf(name, rule), rule] as const))(
      '%s: %s',
      async (_title, expected, rule) => {
        expect(await rule.ask(kms)).toBe(expected);
      },
    );
  });
}

function backendOf(registry: Registry, path: 'legacy' | 'kms', algorithm: Algorithm): Backend {
  const backend = registry.keys.get(algorithm)?.custodies[path];
  if (backend === undefined) throw new Error(`no ${path} custody of ${algorithm}`);
  return backend;
}
