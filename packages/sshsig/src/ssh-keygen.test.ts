import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describePart } from '@countersign/dev/describe-part';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { APPROVAL_TEXT, VECTORS } from '../testing/vectors.ts';
import { parsePublicKey } from './public-key.ts';
import { dearmor, verifySshsig } from './sshsig.ts';

const NAMESPACE = 'countersign-approval';

describePart({ describe, test }, 'ssh-keygen', ({ file }) => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-sshsig-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  function sshKeygen(args: readonly string[], input = ''): { readonly ok: boolean; readonly stdout: string } {
    const { status, stdout } = spawnSync(file, args, { cwd: folder, input, encoding: 'utf8', timeout: 20_000 });
    return { ok: status === 0, stdout };
  }

  /** What OpenSSH itself says of a signature. */
  function opensshAccepts(publicKey: string, namespace: string, armored: string, message: string): boolean {
    const [algorithm, base64] = publicKey.split(' ');
    writeFileSync(join(folder, 'allowed'), `alice namespaces="${namespace}" ${algorithm} ${base64}\n`);
    writeFileSync(join(folder, 'signature'), armored);
    const args = ['-Y', 'verify', '-n', namespace, '-I', 'alice', '-f', 'allowed', '-s', 'signature'];
    return sshKeygen(args, message).ok;
  }

  describe.each([
    ['ssh-ed25519', ['-t', 'ed25519']],
    ['ecdsa-sha2-nistp256', ['-t', 'ecdsa', '-b', '256']],
    ['ecdsa-sha2-nistp384', ['-t', 'ecdsa', '-b', '384']],
    ['ecdsa-sha2-nistp521', ['-t', 'ecdsa', '-b', '521']],
  ])('%s', (algorithm, options) => {
    const key = () => join(folder, algorithm);
    beforeAll(() => {
      expect(sshKeygen(['-q', ...options, '-N', '', '-C', 'alice', '-f', key()]).ok).toBe(true);
    });

    test('a new key is read with the fingerprint that it shows', () => {
      const parsed = parsePublicKey(readFileSync(`${key()}.pub`, 'utf8').trimEnd());
      expect({ algorithm: parsed.algorithm, comment: parsed.comment }).toEqual({ algorithm, comment: 'alice' });
      expect(sshKeygen(['-l', '-f', `${key()}.pub`]).stdout).toContain(` ${parsed.fingerprint} alice `);
    });

    test.each(['sha256', 'sha512'])('a new signature with %s is accepted, of that message alone', (hash) => {
      const publicKey = readFileSync(`${key()}.pub`, 'utf8').trimEnd();
      const args = ['-Y', 'sign', '-q', '-n', NAMESPACE, '-O', `hashalg=${hash}`, '-f', key()];
      const { stdout } = sshKeygen(args, APPROVAL_TEXT);
      const [blob = new Uint8Array(), ...more] = dearmor(stdout);
      expect(more).toEqual([]);
      const signed = verifySshsig(blob, { namespace: NAMESPACE, message: APPROVAL_TEXT });
      expect(signed.fingerprint).toBe(parsePublicKey(publicKey).fingerprint);
      for (const other of [{ namespace: 'git' }, { message: APPROVAL_TEXT.trimEnd() }]) {
        expect(() => verifySshsig(blob, { namespace: NAMESPACE, message: APPROVAL_TEXT, ...other })).toThrow();
      }
    });
  });

  test.each(VECTORS)('it accepts the stored signature of $algorithm with $hash, as we do', (vector) => {
    const { publicKey, namespace, armored, message } = vector;
    expect(opensshAccepts(publicKey, namespace, armored, message)).toBe(true);
    expect(opensshAccepts(publicKey, namespace, armored, `${message}x`)).toBe(false);
  });

  test.each(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'] as const)(
    'it accepts what the tests’ own signer makes with %s',
    (algorithm) => {
      const signer = createSshSigner('alice', algorithm);
      const armored = signer.armored(NAMESPACE, APPROVAL_TEXT);
      expect(opensshAccepts(signer.publicKey, NAMESPACE, armored, APPROVAL_TEXT)).toBe(true);
    },
  );
});
