import { describePart } from '@countersign/dev/describe-part';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openVault, type VaultUnderTest } from '../testing/vault-under-test.ts';
import { loadKey } from './load-key.ts';

const within = () => AbortSignal.timeout(25_000);
const SURROUNDINGS = { env: {}, aws: { mode: 'development' } } as const;

describePart({ describe, test }, 'bao', (part) => {
  let vault: VaultUnderTest;
  beforeAll(async () => {
    vault = await openVault(part);
    await vault.bao.createKey('rotated');
    await vault.bao.ask('POST', 'transit/keys/rotated/rotate');
  });
  afterAll(() => vault.close());

  const load = (version?: number) => {
    const kms = { backend: 'vault-transit', vault: 'main', key: 'rotated', version } as const;
    const places = { vaults: { main: vault.place } };
    return loadKey({ algorithm: 'ed25519', custodies: { kms }, places, isNew: false }, SURROUNDINGS, within());
  };

  test('a key of a vault is named with the version that was opened: its name will lead to another after a rotation', async () => {
    const { publicKey, custodies } = await load();
    expect(custodies.kms).toEqual({ backend: 'vault-transit', vault: 'main', key: 'rotated', version: 2 });
    expect(publicKey).toBe(await vault.bao.publicKey('rotated', 2));
  });

  test('a version that was named stays', async () => {
    const { publicKey, custodies } = await load(1);
    expect(custodies.kms).toMatchObject({ version: 1 });
    expect(publicKey).toBe(await vault.bao.publicKey('rotated', 1));
  });
});
