import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePart } from '@countersign/dev/describe-part';
import { dearmor, verifySshsig } from '@countersign/sshsig/sshsig';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sshKeygenSign } from './ssh-keygen.ts';

const NAMESPACE = 'countersign-approval';

describePart({ describe, test }, 'ssh-keygen', ({ file }) => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'));
  const keygen = (...args: string[]) => spawnSync(file, args, { encoding: 'utf8' });

  beforeAll(() => {
    for (const type of ['ed25519', 'ecdsa'])
      keygen('-q', '-t', type, '-N', '', '-C', 'a test', '-f', join(folder, type));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['ed25519', 'ecdsa'])('signs a statement with a key of type %s', async (type) => {
    const keyFile = join(folder, type);
    const message = 'countersign approval v1\nmemo: "text:\\u00fc"\n';
    const armored = await sshKeygenSign({ namespace: NAMESPACE, message, keyFile });
    const [blob = new Uint8Array(), ...more] = dearmor(armored);
    expect(more).toEqual([]);
    const { fingerprint } = verifySshsig(blob, { namespace: NAMESPACE, message });
    expect(keygen('-l', '-f', keyFile).stdout).toContain(fingerprint);
  });

  test('gives no signature with a key that is not there', async () => {
    const request = { namespace: NAMESPACE, message: 'x', keyFile: join(folder, 'nobody') };
    await expect(sshKeygenSign(request)).rejects.toMatchObject({ code: 'NOT_SIGNED' });
  });
});
