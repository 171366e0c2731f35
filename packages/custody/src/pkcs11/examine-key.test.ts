import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describePart } from '@countersign/dev/describe-part';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ALGORITHMS } from '../../testing/kms-under-test.ts';
import { createSoftToken, type SoftToken } from '../../testing/soft-token.ts';
import { examineKeys } from '../examine-key.ts';
import { CKA_SIGN } from './constants.ts';
import { createPkcs11Provider } from './provider.ts';
import type { Pkcs11Options } from './token.ts';

const soon = () => AbortSignal.timeout(25_000);

describePart({ describe, test }, 'softhsm2', (part) => {
  let soft: SoftToken;
  beforeAll(async () => {
    soft = await createSoftToken(part);
    for (const algorithm of ALGORITHMS) soft.makeKey({ label: algorithm, algorithm });
    soft.makeKey({ label: 'idle', algorithm: 'ed25519', private: [{ type: CKA_SIGN, value: false }] });
  });
  afterAll(() => soft.remove());
  const examine = async (
    label: string,
    algorithm: 'ed25519' | 'secp256k1' = 'ed25519',
    own: Partial<Pkcs11Options> = {},
  ) => {
    const provider = createPkcs11Provider({ ...soft.options, ...own }, {}, () => {});
    const findings = await provider.examine?.({ label }, algorithm, soon());
    await provider.close();
    return findings ?? [];
  };

  test.each([
    ['ed25519', 'CKM_EDDSA', 64],
    ['secp256k1', 'CKM_ECDSA', 66],
  ] as const)(
    'a sound key of %s: the token, its latency, the public key, and that it may sign',
    async (one, name, digits) => {
      const findings = await examine(one, one);
      expect(findings).toEqual([
        {
          name: 'token',
          ok: true,
          detail: expect.stringMatching(/^SoftHSM project SoftHSM v2, serial number [0-9a-f]{16}, firmware 2\.\d+$/),
        },
        { name: 'latency', ok: true, detail: expect.stringMatching(/^C_GenerateRandom: \d+\.\d\d to \d+\.\d\d ms$/) },
        { name: 'key', ok: true, detail: expect.stringMatching(new RegExp(`^public key [0-9a-f]{${digits}}$`)) },
        { name: 'signing', ok: true, detail: `C_SignInit with ${name}: accepted` },
      ]);
    },
  );

  test.each([
    ['nobody', 'private key: expected one with the label "nobody", got none', 'look at `label` and `id`'],
    ['idle', 'CKA_SIGN: expected true, got false', 'make another key'],
  ])('a key that cannot sign is a finding, and so is one that is not there: %s', async (label, message, advice) => {
    const findings = await examine(label);
    expect(findings.map(({ name, ok }) => [name, ok])).toEqual([
      ['token', true],
      ['latency', true],
      ['key', false],
      ['signing', false],
    ]);
    for (const finding of findings.slice(2)) {
      expect(finding.detail).toContain(message);
      expect(finding.advice).toContain(advice);
    }
  });

  test('a token that is not reached is one finding, and the PIN is in none', async () => {
    const file = join(soft.folder, 'wrong');
    writeFileSync(file, '271828', { mode: 0o600 });
    const refused = await examine('ed25519', 'ed25519', { pin: { file } });
    const detail = expect.stringContaining('CKR_PIN_INCORRECT');
    expect(refused).toEqual([{ name: 'token', ok: false, detail, advice: expect.stringContaining('log in once') }]);
    expect(refused[0]?.detail).not.toContain('271828');
  });

  test.each([
    ['a token that is not there', { label: 'elsewhere' }, 'look at `label` of the token'],
    ['a PIN that cannot be read', { pin: { file: '/nowhere/pin' } }, 'look at `pin` of the token'],
    ['a module that is not there', { module: '/nowhere/pkcs11.so' }, "install the vendor's PKCS#11 library"],
    ['a module that cannot be loaded', { module: '/etc/hostname' }, 'built for this machine'],
  ])('%s is one finding, with what to do about it', async (_, own, advice) => {
    const findings = await examine('ed25519', 'ed25519', own);
    expect(findings).toEqual([
      { name: 'token', ok: false, detail: expect.any(String), advice: expect.stringContaining(advice) },
    ]);
  });

  test('of several keys the token is logged into once, whether its PIN is right or wrong', async () => {
    for (const pin of [soft.pin, '271828']) {
      const log = join(soft.folder, 'asked');
      writeFileSync(log, '');
      const command = ['/bin/sh', '-c', 'echo asked >>"$1"; echo "$2"', 'pin', log, pin];
      const keys = ALGORITHMS.map((algorithm) => {
        const kms = { backend: 'pkcs11', token: 'main', label: algorithm } as const;
        return [algorithm, { algorithm, public_key: '00', custodies: { kms } }] as const;
      });
      const places = { tokens: { main: { ...soft.options, sessions: 1, pin: { command } } } };
      const surroundings = { env: { PATH: process.env['PATH'] }, aws: { mode: 'production' } } as const;
      const reports = await examineKeys({ keys, places }, surroundings, 25_000);
      const opens = reports.map(({ id, custodies }) => [id, custodies[0]?.findings[0]?.ok]);
      expect(opens).toEqual(ALGORITHMS.map((algorithm) => [algorithm, pin === soft.pin]));
      expect(readFileSync(log, 'utf8')).toBe('asked\n');
    }
  });
});
