import { describePart } from '@countersign/dev/describe-part';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ALGORITHMS } from '../../testing/kms-under-test.ts';
import { refusal } from '../../testing/refusal.ts';
import { createSoftToken, type SoftToken } from '../../testing/soft-token.ts';
import type { Provider } from '../provider.ts';
import { checkedSignature } from '../signature.ts';
import type { Pkcs11Custody } from './find-key.ts';
import { createPkcs11Provider } from './provider.ts';

const soon = () => AbortSignal.timeout(25_000);

describePart({ describe, test }, 'softhsm2', (part) => {
  let soft: SoftToken;
  let provider: Provider<Pkcs11Custody>;
  beforeAll(async () => {
    soft = await createSoftToken(part);
    provider = createPkcs11Provider(soft.options, {}, () => {});
  });
  afterAll(async () => {
    await provider.close();
    soft.remove();
  });

  test.each(ALGORITHMS)('a key is made where it stays, opens and signs: %s', async (algorithm) => {
    const message = new Uint8Array(32).fill(1);
    await provider.generate?.({ label: algorithm }, algorithm, soon());
    const backend = await provider.open({ label: algorithm }, algorithm, soon());
    const { signature } = await backend.sign(message, soon());
    checkedSignature(algorithm, backend.publicKey, message, signature);
  });

  test('it gets the id that the custody names', async () => {
    const custody = { label: 'named', id: '0a0b' };
    await provider.generate?.(custody, 'ed25519', soon());
    await expect(provider.open(custody, 'ed25519', soon())).resolves.toMatchObject({ name: 'pkcs11' });
    expect((await refusal(provider.open({ ...custody, id: '0c' }, 'ed25519', soon()))).message).toContain('got none');
  });

  test.each(['private', 'public'] as const)('a label that the %s half of a key has is refused', async (half) => {
    const without = half === 'private' ? 'public' : 'private';
    soft.makeKey({ label: half, algorithm: 'ed25519', without });
    const making = provider.generate?.({ label: half, id: 'ff' }, 'secp256k1', soon());
    expect(await refusal(Promise.resolve(making))).toMatchObject({
      code: 'MISCONFIGURED',
      message: `pkcs11: key: expected none with the label "${half}", got one (attempts: 1)`,
    });
  });

  test('where the token is gone it is not tried a second time', async () => {
    soft.moveAway('away');
    const error = await refusal(Promise.resolve(provider.generate?.({ label: 'late' }, 'ed25519', soon())));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: [{ outcome: 'failed' }] });
  });
});
