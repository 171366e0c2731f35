import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBundle } from '@countersign/bundle/check-bundle';
import { readBundle } from '@countersign/bundle/read-bundle';
import { keysDocument, policyDocument, toYaml } from '@countersign/dev/configuration';
import { generateKeys } from '@countersign/dev/keys';
import { generateRecipients } from '@countersign/dev/recipients';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import { POLICY_NAMESPACE } from '@countersign/sshsig/policy-bundle';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadPolicy } from './load-policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-load-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));
function write(name: string, content: string | object): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : toYaml(content));
  return file;
}

const stack = generateKeys(1);
const keysFile = keysDocument(stack, { 'treasury-stellar': 'alias/s', 'treasury-evm': 'alias/e' });
const files = {
  policy: write('policy.yaml', policyDocument(stack, generateRecipients(2))),
  keys: write('keys.yaml', keysFile),
};
const NOW = new Date();

describe('a bundle is loaded', () => {
  test('as it is checked for those who sign it', () => {
    const { statement, ...checked } = checkBundle(readBundle(files), NOW);
    expect(loadPolicy(files, NOW)).toEqual({ ...checked, signedBy: [] });
    const [ada, ben] = [createSshSigner('ada'), createSshSigner('ben')];
    const signed = {
      signatures: write('signatures', ada.armored(POLICY_NAMESPACE, statement)),
      signers: `${ada.publicKey}\n${ben.publicKey}\n`,
      needed: 1,
    };
    expect(loadPolicy({ ...files, signed }, NOW).signedBy).toEqual(['ada']);
    expect(() => loadPolicy({ ...files, signed: { ...signed, needed: 2 } }, NOW)).toThrow(
      /^POLICY_SIGNATURES_FILE: signatures: expected 2, got 1/,
    );
  });

  test.each(['policy', 'keys'] as const)('only where its %s is a file: nobody waits for a pipe', (one) => {
    const pipe = join(folder, `${one}.pipe`);
    execFileSync('mkfifo', [pipe]);
    expect(() => loadPolicy({ ...files, [one]: pipe }, NOW)).toThrow('expected a regular file, got something else');
  });

  test.each(['policy', 'keys', 'signatures'] as const)('only where its %s can be read', (missing) => {
    const signed = { signatures: missing === 'signatures' ? '/nowhere' : files.keys, signers: '', needed: 1 };
    const variable = { policy: 'POLICY_FILE', keys: 'KEYS_FILE', signatures: 'POLICY_SIGNATURES_FILE' }[missing];
    expect(() => loadPolicy({ ...files, [missing]: '/nowhere', signed }, NOW)).toThrow(
      `${variable}: cannot read the file (ENOENT)`,
    );
  });

  test('only where no key stands under two ids, as a policy check says', () => {
    const { 'treasury-evm': evm } = keysFile.keys;
    const twice = write('twice.yaml', { keys: { ...keysFile.keys, again: evm } });
    expect(() => loadPolicy({ ...files, keys: twice }, NOW)).toThrow(
      `${twice}: key again: public_key: the same key is registered as treasury-evm`,
    );
  });
});
