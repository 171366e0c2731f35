import { createHash } from 'node:crypto';
import { keysDocument, policyDocument, toYaml } from '@countersign/dev/configuration';
import { generateKeys } from '@countersign/dev/keys';
import { generateRecipients } from '@countersign/dev/recipients';
import { ConfigError } from '@countersign/runtime/config';
import { bundleStatement } from '@countersign/sshsig/policy-bundle';
import { describe, expect, test } from '@jest/globals';
import { checkBundle } from './check-bundle.ts';

const stack = generateKeys(1);
const policyFile = policyDocument(stack, generateRecipients(2));
const keysFile = keysDocument(stack, { 'treasury-stellar': 'alias/s', 'treasury-evm': 'alias/e' });
const { 'treasury-stellar': stellar, 'treasury-evm': evm } = keysFile.keys;

const NOW = new Date();
const bytesOf = (content: object | Uint8Array) =>
  content instanceof Uint8Array ? content : new TextEncoder().encode(toYaml(content));
const files = (policy: object | Uint8Array, keys: object | Uint8Array) => ({
  policy: { file: 'policy.yaml', bytes: bytesOf(policy) },
  keys: { file: 'keys.yaml', bytes: bytesOf(keys) },
});
const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');

/** What is wrong, a line each. */
function problemsOf(policy: object | Uint8Array, keys: object | Uint8Array, now = NOW): string[] {
  try {
    checkBundle(files(policy, keys), now);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, problem }) => `${where}: ${problem}`);
  }
  throw new Error('it was accepted');
}

describe('a bundle', () => {
  test('is a policy, its keys, and the statement over the bytes of both files', () => {
    const given = files(policyFile, keysFile);
    const { policy, keys, statement, digest, keysDigest } = checkBundle(given, NOW);
    expect([...policy.keys.keys()].toSorted()).toEqual(['treasury-evm', 'treasury-stellar']);
    expect(keys).toEqual(keysFile);
    expect(keysDigest).toBe(sha256(given.keys.bytes));
    const policySha256 = sha256(given.policy.bytes);
    expect(statement).toBe(
      bundleStatement({ environment: 'development', version: 1, policySha256, keysSha256: keysDigest }),
    );
    expect(digest).toBe(sha256(statement));
  });

  test('is another one with another byte in either file', () => {
    const comment = (content: object) => new TextEncoder().encode(`${toYaml(content)}# ours\n`);
    const digests = [
      files(policyFile, keysFile),
      files(comment(policyFile), keysFile),
      files(policyFile, comment(keysFile)),
    ].map((each) => checkBundle(each, NOW).digest);
    expect(new Set(digests).size).toBe(3);
  });

  test.each<[what: string, policy: object | Uint8Array, keys: object | Uint8Array, problems: RegExp[]]>([
    [
      'one key under two ids',
      policyFile,
      { keys: { ...keysFile.keys, again: evm } },
      [/^keys\.yaml: key again: public_key: the same key is registered as treasury-evm$/],
    ],
    [
      'a public key that is no point of its curve',
      policyFile,
      { keys: { ...keysFile.keys, 'treasury-evm': { ...evm, public_key: `02${'f'.repeat(64)}` } } },
      [/^keys\.yaml: key treasury-evm: /],
    ],
    [
      'a policy for a key that is not registered',
      policyFile,
      { keys: { 'treasury-stellar': stellar } },
      [/^policy\.yaml:\d+: keys\.treasury-evm: expected a registered secp256k1 key, got none$/],
    ],
    [
      'mistakes in both files',
      { ...policyFile, colour: 'red' },
      { ...keysFile, shape: 'round' },
      [/^keys\.yaml:\d+: shape: unknown word$/, /^policy\.yaml:\d+: colour: unknown word$/],
    ],
    [
      'bytes that are no text',
      Uint8Array.of(0xff),
      Uint8Array.of(0xc3),
      [/^keys\.yaml: expected text in UTF-8$/, /^policy\.yaml: expected text in UTF-8$/],
    ],
  ])('is refused with %s, each problem by its file', (_, policy, keys, problems) => {
    expect(problemsOf(policy, keys)).toEqual(problems.map((problem) => expect.stringMatching(problem)));
  });

  test('is refused once its clock for ledgers is more than a year old', () => {
    const later = new Date(NOW.getTime() + 2 * 366 * 86_400_000);
    expect(problemsOf(policyFile, keysFile, later)).toEqual([
      expect.stringContaining('keys.treasury-stellar.stellar.soroban.ledger_clock.closed_at: expected a time'),
    ]);
  });

  test('passes on an error that is no word about a file', () => {
    const keys = {
      file: 'keys.yaml',
      get bytes(): Uint8Array {
        throw new RangeError('out of memory');
      },
    };
    expect(() => checkBundle({ ...files(policyFile, keysFile), keys }, NOW)).toThrow(RangeError);
  });
});
