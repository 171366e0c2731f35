import { setTimeout as pause } from 'node:timers/promises';
import { describePart } from '@countersign/dev/describe-part';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createSoftToken, type SoftToken } from '../../testing/soft-token.ts';
import type { KeysConfig } from '../keys-config.ts';
import { openRegistry, type Registry } from '../registry.ts';
import { openLibrary } from './library.ts';
import { createPkcs11Provider } from './provider.ts';

const soon = () => AbortSignal.timeout(25_000);

describePart({ describe, test }, 'softhsm2', (part) => {
  let soft: SoftToken;
  let config: KeysConfig;
  let registry: Registry;
  beforeEach(async () => {
    soft = await createSoftToken(part);
    soft.makeKey({ label: 'treasury', algorithm: 'ed25519' });
    const provider = createPkcs11Provider(soft.options, {}, () => {});
    const { publicKey } = await provider.open({ label: 'treasury' }, 'ed25519', soon());
    await provider.close();
    const kms = { backend: 'pkcs11', token: 'main', label: 'treasury' } as const;
    const key = {
      algorithm: 'ed25519',
      public_key: Buffer.from(publicKey).toString('hex'),
      custodies: { kms },
    } as const;
    config = { keys: { treasury: key }, tokens: { main: { ...soft.options, sessions: 4 } } };
    registry = await openRegistry(config, { env: {}, aws: { mode: 'development' }, retireMs: 20 });
  });
  afterEach(async () => {
    await registry.close().catch(() => undefined);
    soft.remove();
  });
  const sign = async () =>
    (await registry.keys.get('treasury')?.custodies.kms?.sign(new Uint8Array(32), soon()))?.attempts.at(-1)?.outcome;

  test('a token that is opened anew beside the one that signs takes over from it', async () => {
    for (let round = 0; round < 3; round++) {
      (await registry.openCustodies(config)).use();
      expect(await sign()).toBe('succeeded');
    }
    // Those before have been closed.
    await pause(100);
    expect(await sign()).toBe('succeeded');
  });

  test('a token that has been away is opened anew, also where nobody asks the one in use', async () => {
    soft.closeAllSessions();
    soft.moveAway('away');
    await expect(registry.openCustodies(config)).rejects.toMatchObject({ name: 'CustodyError' });
    soft.moveBack('away');
    (await registry.openCustodies(config)).use();
    expect(await sign()).toBe('succeeded');
  });

  test('one that cannot be closed holds up nobody', async () => {
    const library = await openLibrary(soft.options.module);
    const close = jest.spyOn(library, 'close').mockRejectedValue(new Error('CKR_DEVICE_ERROR'));
    try {
      (await registry.openCustodies(config)).use();
      await (await registry.openCustodies(config)).drop();
      await pause(100);
      expect(close).toHaveBeenCalledTimes(2);
      expect(await sign()).toBe('succeeded');
    } finally {
      close.mockRestore();
      // Let go of for those that could not.
      for (let user = 0; user < 3; user++) await library.close();
    }
  });
});
