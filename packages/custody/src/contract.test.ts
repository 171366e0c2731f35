import { DisableKeyCommand, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { describePart } from '@countersign/dev/describe-part';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testBackend } from '../testing/backend-contract.ts';
import { type FaultyProxy, startFaultyProxy } from '../testing/faulty-proxy.ts';
import {
  ALGORITHMS,
  createKey,
  KEY_SPECS,
  type KmsUnderTest,
  openDevKms,
  openEmulator,
  SECRETS,
} from '../testing/kms-under-test.ts';
import { CURVES, DIFFERENCES, expectedOf, type KmsName, rulesFor } from '../testing/rules/rules.ts';
import { createSoftToken, type MadeKey, type SoftToken } from '../testing/soft-token.ts';
import { KMS_DIALECT, troubleBy, type UnfitKeys, VAULT_DIALECT } from '../testing/trouble.ts';
import { openVault, type VaultUnderTest } from '../testing/vault-under-test.ts';
import { openAwsKmsBackend } from './aws-kms/aws-kms.ts';
import type { Algorithm, Backend } from './backend.ts';
import { CKA_SIGN } from './pkcs11/constants.ts';
import type { Pkcs11Custody } from './pkcs11/find-key.ts';
import { createPkcs11Provider } from './pkcs11/provider.ts';
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

describe('over the dev KMS', () => testKms('dev KMS', openDevKms));

for (const name of ['local-kms', 'ministack'] as const) {
  describePart({ describe, test }, name, (part) => testKms(name, () => openEmulator(part, CURVES[name])));
}

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

    async function openUnfit(key: string, terms: { readonly type: string }): Promise<Backend> {
      await vault.bao.createKey(key, terms);
      return provider.open({ backend: 'vault-transit', vault: 'main', key }, 'ed25519', soon());
    }

    testBackend({
      name: 'vault-transit',
      algorithm: 'ed25519',
      requestIds: true,
      trouble: troubleBy(() => vault.proxy, VAULT_DIALECT, 'ed25519'),
      unfit: {
        ofAnotherCurve: () => openUnfit('p256', { type: 'ecdsa-p256' }),
        forAnotherUse: () => openUnfit('aes', { type: 'aes256-gcm96' }),
        missing: () => provider.open({ backend: 'vault-transit', vault: 'main', key: 'nobody' }, 'ed25519', soon()),
      },
      backend: () => backend,
      publicKey: () => Buffer.from(publicKey, 'hex'),
      calls: () => vault.proxy.calls.length,
    });
  }),
);

describePart({ describe, test }, 'softhsm2', (part) =>
  describe.each(ALGORITHMS)('the contract of a backend: pkcs11, %s', (algorithm) => {
    let soft: SoftToken;
    let provider: Provider<Pkcs11Custody>;
    let registry: Registry;
    let publicKey: Buffer;
    let isAway = false;
    beforeAll(async () => {
      soft = await createSoftToken(part);
      soft.makeKey({ label: 'treasury', algorithm });
      provider = createPkcs11Provider(soft.options, {}, () => {});
      publicKey = Buffer.from((await provider.open({ label: 'treasury' }, algorithm, soon())).publicKey);
      const kms = { backend: 'pkcs11', token: 'main', label: 'treasury' } as const;
      const key = { algorithm, public_key: publicKey.toString('hex'), custodies: { kms } };
      const tokens = { main: { ...soft.options, sessions: 4 } };
      registry = await openRegistry({ keys: { [algorithm]: key }, tokens }, { env: {}, aws: { mode: 'development' } });
    });
    afterAll(async () => {
      await registry.close();
      await provider.close();
      soft.remove();
    });

    const other = algorithm === 'ed25519' ? 'secp256k1' : 'ed25519';
    async function openUnfit(key: MadeKey): Promise<Backend> {
      soft.makeKey(key);
      return provider.open({ label: key.label }, algorithm, soon());
    }

    testBackend({
      name: 'pkcs11',
      algorithm,
      requestIds: false,
      trouble: {
        away: async () => {
          soft.moveAway('elsewhere');
          isAway = true;
        },
        calm: () => {
          if (isAway) soft.moveBack('elsewhere');
          isAway = false;
        },
      },
      unfit: {
        ofAnotherCurve: () => openUnfit({ algorithm: other, label: 'other' }),
        forAnotherUse: () => openUnfit({ algorithm, label: 'unused', private: [{ type: CKA_SIGN, value: false }] }),
        missing: () => provider.open({ label: 'nobody' }, algorithm, soon()),
      },
      backend: () => backendOf(registry, 'kms', algorithm),
      publicKey: () => publicKey,
      calls: () => undefined,
    });
  }),
);

function testKms(name: KmsName, open: () => Promise<KmsUnderTest>): void {
  let kms: KmsUnderTest;
  let proxy: FaultyProxy;
  let registry: Registry;
  beforeAll(async () => {
    kms = await open();
    proxy = await startFaultyProxy(kms.aws.endpoint);
    const keys = [...kms.keys].map(([algorithm, { id, publicKey }]) => {
      const kms = { backend: 'aws-kms', key: id } as const;
      return [algorithm, { algorithm, public_key: publicKey, custodies: { kms } }] as const;
    });
    registry = await openRegistry(
      { keys: Object.fromEntries(keys) },
      { env: {}, aws: { ...kms.aws, endpoint: proxy.url } },
    );
  });
  afterAll(async () => {
    await registry.close();
    await proxy.close();
    kms.signer.destroy();
    kms.operator.destroy();
    await kms.close();
  });

  describe.each(CURVES[name])('the contract of a backend: aws-kms, %s', (algorithm) => {
    testBackend({
      name: 'aws-kms',
      algorithm,
      requestIds: DIFFERENCES[name]['the request id of an answer'] === undefined,
      backend: () => backendOf(registry, 'kms', algorithm),
      publicKey: () => Buffer.from(kms.keys.get(algorithm)?.publicKey ?? '', 'hex'),
      calls: () => proxy.calls.length,
      trouble: troubleBy(() => proxy, KMS_DIALECT, algorithm),
      unfit: unfitKeys(name, () => kms, algorithm),
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
  });

  describe('what AWS documents, or a difference that is written down', () => {
    test.each(rulesFor(name).map((rule) => [rule.title, expectedOf(name, rule), rule] as const))(
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

function unfitKeys(name: KmsName, under: () => KmsUnderTest, algorithm: Algorithm): UnfitKeys {
  const open = (key: string) => openAwsKmsBackend(under().signer, { key, algorithm }, soon());
  const made = async (change: (KeyId: string) => Promise<unknown>) => {
    const KeyId = await createKey(under().operator, KEY_SPECS[algorithm], 'SIGN_VERIFY');
    await change(KeyId);
    return open(KeyId);
  };
  // Where a KMS makes no other keys that sign, a key for key agreement is of another curve as well.
  const signs = DIFFERENCES[name]['CreateKey of ECC_NIST_P256 for SIGN_VERIFY'] === undefined;
  return {
    ofAnotherCurve: async () =>
      open(await createKey(under().operator, 'ECC_NIST_P256', signs ? 'SIGN_VERIFY' : 'KEY_AGREEMENT')),
    forAnotherUse: async () => open(await createKey(under().operator, 'SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')),
    disabled: () => made((KeyId) => under().operator.send(new DisableKeyCommand({ KeyId }))),
    awaitingDeletion: () => made((KeyId) => under().operator.send(new ScheduleKeyDeletionCommand({ KeyId }))),
    missing: () => open('alias/nobody'),
  };
}
