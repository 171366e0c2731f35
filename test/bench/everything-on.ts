import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSshSigner } from '@countersign/dev/ssh-signer';
import { bundleStatement } from '@countersign/sshsig/policy-bundle';
import type { SignerWorld } from '../harness/signers.ts';

/**
 * The variables of a signer with everything on that a signer can have: a policy bundle signed by two of three operators, its
 * audit log exported to a file, checkpoints. Limits over time and a fee budget are in the policy of every signer of tests.
 */
export async function everythingOn(
  world: SignerWorld,
  env: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const { POLICY_FILE = '', KEYS_FILE = '' } = world.environment('bench', env);
  const digest = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  const statement = bundleStatement({
    environment: 'development',
    version: 1,
    policySha256: await digest(POLICY_FILE),
    keysSha256: await digest(KEYS_FILE),
  });
  const operators = ['alice', 'bob', 'carol'].map((name) => createSshSigner(name));
  const signatures = operators.slice(0, 2).map((each) => each.armored('countersign-policy', statement));
  const { privateKey } = generateKeyPairSync('ed25519');
  const checkpointKey = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(world.dir, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  return {
    POLICY_SIGNATURES_FILE: await write('signatures', signatures.join('')),
    POLICY_SIGNERS_FILE: await write('signers', operators.map(({ publicKey }) => `${publicKey}\n`).join('')),
    POLICY_SIGNATURES_NEEDED: '2',
    AUDIT_FILE: join(world.dir, 'audit.jsonl'),
    AUDIT_CHECKPOINT_KEY_FILE: await write('checkpoint.key', checkpointKey),
    AUDIT_CHECKPOINT_SECONDS: '5',
  };
}
