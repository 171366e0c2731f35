import { describePart } from '@countersign/dev/describe-part';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { refusal } from '../../testing/refusal.ts';
import { openVault, type VaultUnderTest } from '../../testing/vault-under-test.ts';
import type { Provider } from '../provider.ts';
import { createVaultTransitProvider } from './provider.ts';
import type { VaultCustody } from './vault-config.ts';

const OPTIONS = { mode: 'development', attemptTimeoutMs: 25_000 } as const;
const within = (ms = 25_000) => AbortSignal.timeout(ms);
const custodyOf = (key: string, version?: number): VaultCustody => ({
  backend: 'vault-transit',
  vault: 'main',
  key,
  version,
});

describePart({ describe, test }, 'bao', (part) => {
  let vault: VaultUnderTest;
  let provider: Provider<VaultCustody>;
  let signer: Provider<VaultCustody>;
  beforeAll(async () => {
    vault = await openVault(part);
    const rules = 'path "transit/keys/*" { capabilities = ["read", "create", "update"] }';
    const token_file = await vault.bao.writeToken('maker', await vault.bao.createToken(rules));
    provider = createVaultTransitProvider({ ...vault.place, token_file }, OPTIONS, () => {});
    signer = createVaultTransitProvider(vault.place, OPTIONS, () => {});
  });
  afterEach(() => vault.proxy.clear());
  afterAll(async () => {
    await Promise.all([provider.close(), signer.close()]);
    await vault.close();
  });
  const generate = (custody: VaultCustody, by = provider) => by.generate?.(custody, 'ed25519', within());

  test('a key that is made can be opened', async () => {
    await generate(custodyOf('made', 1));
    const { publicKey } = await signer.open(custodyOf('made', 1), 'ed25519', within());
    expect(Buffer.from(publicKey).toString('hex')).toBe(await vault.bao.publicKey('made'));
  });

  test('an answer that is lost makes no second key', async () => {
    let answers = 0;
    const loseSecond = (text: string) => (++answers === 2 ? 'lost' : text);
    vault.proxy.fault({ kind: 'change', change: loseSecond });
    await generate(custodyOf('once'));
    expect(answers).toBe(3);
    expect(await vault.bao.publicKey('once')).toBe(await vault.bao.publicKey('once', 1));
  });

  test.each<[what: string, ask: () => Promise<void> | undefined, message: string]>([
    ['a name that is taken', () => generate(custodyOf('treasury')), 'key: expected a name that is free, got treasury'],
    ['a version that no new key has', () => generate(custodyOf('new', 2)), 'version: expected 1 of a new key, got 2'],
    ['a token that may only sign', () => generate(custodyOf('new'), signer), 'permission denied'],
    [
      'secp256k1',
      () => provider.generate?.(custodyOf('new'), 'secp256k1', within()),
      'algorithm: expected ed25519, got secp256k1',
    ],
  ])('%s is refused, and nothing is made', async (_, ask, message) => {
    const before = await vault.bao.publicKey('treasury');
    const error = await refusal(Promise.resolve(ask()));
    expect(error).toMatchObject({ code: 'MISCONFIGURED' });
    expect(error.message).toContain(message);
    await expect(vault.bao.publicKey('new')).rejects.toThrow('404');
    expect(await vault.bao.publicKey('treasury')).toBe(before);
  });
});
