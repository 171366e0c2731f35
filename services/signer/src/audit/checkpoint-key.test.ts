import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFingerprint } from '@countersign/audit/checkpoint';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readCheckpointKey } from './checkpoint-key.ts';

let file: string;

beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), 'countersign-key-')), 'checkpoint.pem');
});
afterAll(() => rm(join(file, '..'), { recursive: true }));

const NO_KEYS = { keys: {} };
const [own, earlier] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
const privatePem = (pair: typeof own) => pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicPem = (pair: typeof own) => pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const rawHex = (pair: typeof own) =>
  pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');

async function read(pem: string, mode = 0o600, keys: Parameters<typeof readCheckpointKey>[1] = NO_KEYS) {
  await writeFile(file, pem);
  await chmod(file, mode);
  return readCheckpointKey(file, keys);
}

test('reads a private key, and the public keys that it follows', async () => {
  const key = await read(privatePem(own) + publicPem(earlier), 0o640);
  expect(key.fingerprint).toBe(keyFingerprint(own.publicKey));
  expect([...key.known.keys()]).toEqual([keyFingerprint(own.publicKey), keyFingerprint(earlier.publicKey)]);
});

describe('refuses', () => {
  const registered = (pair: typeof own) => ({
    keys: { treasury: { algorithm: 'ed25519' as const, public_key: rawHex(pair), custodies: {} } },
  });
  test.each<[what: string, problem: RegExp, pem: string, mode: number]>([
    ['a file that others may read', /other users may read or write the file/, privatePem(own), 0o604],
    ['a public key alone', /expected one PRIVATE KEY/, publicPem(own), 0o600],
    ['two private keys', /expected one PRIVATE KEY/, privatePem(own) + privatePem(earlier), 0o600],
    ['no PEM', /expected one PRIVATE KEY/, 'hello', 0o600],
    ['PEM that holds no key', /expected keys of Ed25519/, privatePem(own).replace(/\nM/, '\nAAAA'), 0o600],
    [
      'a key of another curve',
      /expected keys of Ed25519/,
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      0o600,
    ],
  ])('%s', async (_, problem, pem, mode) => {
    await expect(read(pem, mode)).rejects.toThrow(problem);
    await expect(read(pem, mode)).rejects.not.toThrow(/MC4CAQAw/);
  });

  test('a key that signs transactions, its own or an earlier one', async () => {
    const problem = /AUDIT_CHECKPOINT_KEY_FILE: key treasury signs transactions/;
    await expect(read(privatePem(own), 0o600, registered(own))).rejects.toThrow(problem);
    await expect(read(privatePem(own) + publicPem(earlier), 0o600, registered(earlier))).rejects.toThrow(problem);
  });

  test('a file that is not there', () => {
    expect(() => readCheckpointKey('/nowhere', NO_KEYS)).toThrow(
      'AUDIT_CHECKPOINT_KEY_FILE: cannot read the file (ENOENT)',
    );
  });
});
