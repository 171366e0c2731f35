import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAuthority } from '@countersign/dev/authority';
import { describePart } from '@countersign/dev/describe-part';
import { freePorts } from '@countersign/dev/free-ports';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { SIGNER_RULES } from '../../testing/open-bao.ts';
import { refusal } from '../../testing/refusal.ts';
import { openVault, type VaultUnderTest } from '../../testing/vault-under-test.ts';
import { type KeysConfig, keysSchema } from '../keys-config.ts';
import { openRegistry } from '../registry.ts';
import { createVaultTransitProvider } from './provider.ts';
import type { VaultCustody, VaultPlace } from './vault-config.ts';

const OPTIONS = { mode: 'development', attemptTimeoutMs: 25_000 } as const;
const within = (ms = 25_000) => AbortSignal.timeout(ms);
const custodyOf = (key: string, version?: number): VaultCustody => ({
  backend: 'vault-transit',
  vault: 'main',
  key,
  version,
});

/** A process of its own: Jest's has another environment than Node's TLS reads. */
const OPENED_UNCHECKED = `
import { openRegistry } from '@countersign/custody/registry';
const opening = openRegistry(JSON.parse(process.env.CONFIG), { env: {}, aws: { mode: 'production' } });
process.stdout.write(await opening.then(() => 'opened', (error) => error.attempts[0]?.errorCode ?? error.message));
`;

describePart({ describe, test }, 'bao', (part) => {
  let vault: VaultUnderTest;
  beforeAll(async () => {
    vault = await openVault(part);
  });
  afterEach(() => vault.proxy.clear());
  afterAll(() => vault.close());

  /** Opens a key of a place that differs in some words, and lets go of it. */
  async function open(custody: VaultCustody, other: Partial<VaultPlace> = {}, signal = within()) {
    const provider = createVaultTransitProvider({ ...vault.place, ...other }, OPTIONS, () => {});
    try {
      return Buffer.from((await provider.open(custody, 'ed25519', signal)).publicKey).toString('hex');
    } finally {
      await provider.close();
    }
  }

  describe('a key', () => {
    test.each<[what: string, terms: object, message: string]>([
      ['of RSA', { type: 'rsa-2048' }, 'type: expected ed25519, got rsa-2048'],
      ['of P-256', { type: 'ecdsa-p256' }, 'type: expected ed25519, got ecdsa-p256'],
      ['that cannot sign', { type: 'aes256-gcm96' }, 'type: expected ed25519, got aes256-gcm96'],
      ['of each context', { derived: true }, 'derived: expected false, got true'],
      ['that can be exported', { exportable: true }, 'exportable: expected false, got true'],
      [
        'with backups in plaintext',
        { allow_plaintext_backup: true },
        'allow_plaintext_backup: expected false, got true',
      ],
    ])('%s is misconfigured', async (what, terms, message) => {
      const key = what.replaceAll(' ', '-');
      await vault.bao.createKey(key, terms);
      expect(await refusal(open(custodyOf(key)))).toMatchObject({
        code: 'MISCONFIGURED',
        message: `vault-transit: ${message}`,
      });
    });

    test('on its way to deletion is misconfigured', async () => {
      await vault.bao.createKey('leaving');
      await vault.bao.ask('POST', 'transit/keys/leaving/config', { body: { deletion_allowed: true } });
      expect(await open(custodyOf('leaving'))).toBe(await vault.bao.publicKey('leaving'));
      await vault.bao.ask('DELETE', 'transit/keys/leaving/soft-delete');
      expect((await refusal(open(custodyOf('leaving')))).message).toContain('soft_deleted: expected false, got true');
    });

    test('is opened at the version that is asked for, and no other', async () => {
      await vault.bao.createKey('versions');
      await vault.bao.ask('POST', 'transit/keys/versions/rotate');
      const [first, second] = [await vault.bao.publicKey('versions', 1), await vault.bao.publicKey('versions', 2)];
      expect(await open(custodyOf('versions', 1))).toBe(first);
      expect(await open(custodyOf('versions', 2))).toBe(second);
      expect(await open(custodyOf('versions'))).toBe(second);
      expect(await refusal(open(custodyOf('versions', 3)))).toMatchObject({
        code: 'MISCONFIGURED',
        message: 'vault-transit: version: expected one of 1, 2, got 3',
      });
      await vault.bao.ask('POST', 'transit/keys/versions/config', { body: { min_encryption_version: 2 } });
      expect((await refusal(open(custodyOf('versions', 1)))).message).toContain('version: expected at least 2, got 1');
    });

    test.each<[what: string, custody: VaultCustody, other: Partial<VaultPlace>, message: string]>([
      ['that is not there', custodyOf('nobody'), {}, 'Status404: transit/keys/nobody: no reason given'],
      [
        'of a mount that is not there',
        custodyOf('treasury'),
        { mount: 'elsewhere' },
        'Status403: elsewhere/keys/treasury: ',
      ],
    ])('%s is misconfigured', async (_, custody, other, message) => {
      const error = await refusal(open(custody, other));
      expect(error).toMatchObject({ code: 'MISCONFIGURED', attempts: [{}] });
      expect(error.message).toContain(message);
    });

    test('of a namespace is found there, and not outside', async () => {
      await vault.bao.ask('POST', 'sys/namespaces/team', { body: {} });
      await vault.bao.ask('POST', 'sys/mounts/transit', { body: { type: 'transit' }, namespace: 'team' });
      await vault.bao.ask('POST', 'transit/keys/inside', { body: { type: 'ed25519' }, namespace: 'team' });
      const rules = 'path "team/transit/keys/*" { capabilities = ["read"] }\n';
      const token_file = await vault.bao.writeToken('team-token', await vault.bao.createToken(rules + SIGNER_RULES));
      expect(await open(custodyOf('inside'), { namespace: 'team', token_file })).toMatch(/^[0-9a-f]{64}$/);
      expect((await refusal(open(custodyOf('inside'), { token_file }))).message).toContain('Status404');
    });

    test('of secp256k1 is misconfigured, and nobody is asked', async () => {
      const provider = createVaultTransitProvider(vault.place, OPTIONS, () => {});
      const before = vault.proxy.calls.length;
      expect(await refusal(provider.open(custodyOf('treasury'), 'secp256k1', within()))).toMatchObject({
        code: 'MISCONFIGURED',
        message: 'vault-transit: algorithm: expected ed25519, got secp256k1',
      });
      expect(vault.proxy.calls).toHaveLength(before);
      await provider.close();
    });

    const fit = {
      type: 'ed25519',
      derived: false,
      exportable: false,
      allow_plaintext_backup: false,
      latest_version: 1,
    };
    test.each<[what: string, data: object, message: string]>([
      ['whether it can be exported', { ...fit, exportable: undefined }, 'exportable: expected false, got undefined'],
      ['which versions there are', { ...fit, keys: null }, 'version: expected one of , got 1'],
      ['which, in so many words', { ...fit, keys: { 'é\n': {} } }, 'version: expected one of  , got 1'],
      ['a public key', { ...fit, keys: { 1: {} } }, 'public_key: expected base64, got something else'],
      ['a whole public key', { ...fit, keys: { 1: { public_key: 'AAAA' } } }, 'expected 32 bytes, got 3'],
      [
        'a public key that is a point',
        { ...fit, keys: { 1: { public_key: Buffer.alloc(32, 0xff).toString('base64') } } },
        'expected a point of the curve',
      ],
    ])('that does not say %s is misconfigured', async (_, data, message) => {
      vault.proxy.fault({ kind: 'answer', status: 200, body: JSON.stringify({ data }) });
      const error = await refusal(open(custodyOf('treasury')));
      expect(error).toMatchObject({ code: 'MISCONFIGURED', message: expect.stringContaining(message) });
    });
  });

  describe('a token', () => {
    test.each<[what: string, write: () => Promise<string>, message: string]>([
      ['that is unknown', () => vault.bao.writeToken('unknown', 's.nobody'), 'permission denied'],
      [
        'that may not read keys',
        async () =>
          vault.bao.writeToken('blind', await vault.bao.createToken('path "other" { capabilities = ["read"] }')),
        'permission denied',
      ],
      [
        'that is not there',
        async () => '/nowhere/token',
        'NoToken: token_file /nowhere/token: cannot read the file (ENOENT)',
      ],
      ['that other users may read', () => vault.bao.writeToken('open', 's.secret', 0o644), 'other users may read'],
    ])('%s is misconfigured, and not shown', async (_, write, message) => {
      const error = await refusal(open(custodyOf('treasury'), { token_file: await write() }));
      expect(error).toMatchObject({ code: 'MISCONFIGURED', attempts: [{}] });
      expect(error.message).toContain(message);
      expect(error.message).not.toMatch(/s\.(nobody|secret)/);
    });
  });

  describe('a vault', () => {
    test('that is sealed is unavailable', async () => {
      await vault.bao.seal();
      expect(await refusal(open(custodyOf('treasury')))).toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining('Vault is sealed'),
      });
      await vault.bao.unseal();
    });

    test('that does not listen is unavailable', async () => {
      const [port = 0] = await freePorts(1);
      const address = `http://127.0.0.1:${port}`;
      expect(await refusal(open(custodyOf('treasury'), { address }))).toMatchObject({
        code: 'UNAVAILABLE',
        message: expect.stringContaining(`ECONNREFUSED: ${address}: connect`),
        attempts: [{ errorCode: 'ECONNREFUSED' }, {}, {}, {}],
      });
    });

    test('that hangs is unavailable at the deadline', async () => {
      vault.proxy.fault({ kind: 'hang' });
      expect(await refusal(open(custodyOf('treasury'), {}, within(100)))).toMatchObject({
        code: 'UNAVAILABLE',
        attempts: [{ errorCode: 'DEADLINE' }],
      });
    });
  });

  describe('over TLS', () => {
    const tls = () => ({ address: vault.bao.tlsUrl, ca_file: vault.bao.caFile });

    test('with a certificate by the CA of the file a key is opened', async () => {
      expect(await open(custodyOf('treasury'), tls())).toBe(await vault.bao.publicKey('treasury'));
    });

    test('a vault by another CA, or by none that Node knows, gets no token', async () => {
      const validity = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000) };
      const ca_file = join(vault.bao.folder, 'other-ca.pem');
      await writeFile(ca_file, (await createAuthority('another', validity)).certificate);
      const untrusted = { code: 'MISCONFIGURED', attempts: [{ errorCode: 'Untrusted' }] };
      expect(await refusal(open(custodyOf('treasury'), { ...tls(), ca_file }))).toMatchObject(untrusted);
      expect(await refusal(open(custodyOf('treasury'), { address: tls().address }))).toMatchObject(untrusted);
    });

    test('nor does it where the environment of the process says that certificates are not to be checked', async () => {
      const kms = { backend: 'vault-transit', vault: 'main', key: 'treasury' };
      const key = { algorithm: 'ed25519', public_key: await vault.bao.publicKey('treasury'), custodies: { kms } };
      const config = { keys: { treasury: key }, vaults: { main: { ...vault.place, address: tls().address } } };
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['--conditions=@countersign/source', '--input-type=module', '--eval', OPENED_UNCHECKED],
        {
          cwd: fileURLToPath(new URL('../..', import.meta.url)),
          env: { PATH: process.env['PATH'], NODE_TLS_REJECT_UNAUTHORIZED: '0', CONFIG: JSON.stringify(config) },
        },
      );
      expect(stdout).toBe('Untrusted');
    });

    test('a vault of another name gets no token', async () => {
      const address = vault.bao.tlsUrl.replace('127.0.0.1', 'localhost');
      const error = await refusal(open(custodyOf('treasury'), { ...tls(), address }));
      expect(error).toMatchObject({ code: 'MISCONFIGURED', attempts: [{ errorCode: 'Untrusted' }] });
      expect(error.message).toContain("does not match certificate's altnames: Host: localhost");
    });

    test.each([
      [
        'is not there',
        () => '/nowhere/ca.pem',
        'vault-transit: ca_file /nowhere/ca.pem: cannot read the file (ENOENT)',
      ],
      ['holds no certificate', () => vault.place.token_file, 'expected a certificate (PEM), got something else'],
    ])('a CA file that %s is misconfigured', async (_, file, message) => {
      const error = await refusal(open(custodyOf('treasury'), { ...tls(), ca_file: file() }));
      expect(error).toMatchObject({ code: 'MISCONFIGURED', message: expect.stringContaining(message) });
    });
  });

  describe('the registry', () => {
    const config = async (keys: readonly string[]): Promise<KeysConfig> => {
      const entry = async (key: string) => {
        const kms = { backend: 'vault-transit', vault: 'main', key };
        return [key, { algorithm: 'ed25519', public_key: await vault.bao.publicKey(key), custodies: { kms } }];
      };
      const entries = await Promise.all(keys.map(entry));
      return keysSchema.parse({ keys: Object.fromEntries(entries), vaults: { main: vault.place } });
    };

    test('opens the keys of a vault that the file names', async () => {
      await vault.bao.createKey('other');
      const keys = await config(['treasury', 'other']);
      const registry = await openRegistry(keys, { env: {}, aws: { mode: 'development' } });
      const message = new Uint8Array(32);
      for (const { custodies } of registry.keys.values()) {
        expect((await custodies.kms?.sign(message, within()))?.attempts).toMatchObject([{ backend: 'vault-transit' }]);
      }
      await registry.close();
    });

    test('refuses http:// in production, naming the key', async () => {
      const keys = await config(['treasury']);
      const before = vault.proxy.calls.length;
      expect(await refusal(openRegistry(keys, { env: {}, aws: { mode: 'production' } }))).toMatchObject({
        code: 'MISCONFIGURED',
        message: 'key treasury: vault-transit: address: expected https:// in production mode, got http://',
      });
      expect(vault.proxy.calls).toHaveLength(before);
    });

    test.each(['elsewhere', 'constructor'])('refuses a vault that the file does not have: %s', async (name) => {
      const { keys } = await config(['treasury']);
      const missing = { keys, vaults: { [name === 'elsewhere' ? 'main' : 'other']: vault.place } };
      const treasury = { ...missing.keys['treasury'], custodies: { kms: { ...custodyOf('treasury'), vault: name } } };
      const wrong = { ...missing, keys: { treasury } };
      expect(keysSchema.safeParse(wrong).error?.issues).toMatchObject([
        { path: ['keys', 'treasury', 'custodies', 'kms', 'vault'], message: 'expected a name of vaults' },
      ]);
    });
  });
});
