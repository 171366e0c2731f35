import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import {
  chainsDocument,
  flagsDocument,
  keysDocument,
  policyDocument,
  SEED_VARIABLES,
  toYaml,
} from './configuration.ts';
import { generateKeys } from './keys.ts';
import { generateRecipients } from './recipients.ts';
import { replaceFile } from './replace-file.ts';

const keys = generateKeys(3);
const recipients = generateRecipients(2);
const roundTrip = (document: unknown) => parse(toYaml(document));

describe('documents', () => {
  test('keys: one entry a key, both custodies, the seed nowhere', () => {
    const text = toYaml(keysDocument(keys, { 'treasury-stellar': 'alias/s', 'treasury-evm': 'alias/e' }));
    expect(parse(text)).toEqual({
      keys: {
        'treasury-stellar': {
          algorithm: 'ed25519',
          public_key: expect.stringMatching(/^[0-9a-f]{64}$/),
          custodies: {
            legacy: { backend: 'env', variable: SEED_VARIABLES['treasury-stellar'] },
            kms: { backend: 'aws-kms', key: 'alias/s' },
          },
        },
        'treasury-evm': {
          algorithm: 'secp256k1',
          public_key: expect.stringMatching(/^0[23][0-9a-f]{64}$/),
          custodies: {
            legacy: { backend: 'env', variable: SEED_VARIABLES['treasury-evm'] },
            kms: { backend: 'aws-kms', key: 'alias/e' },
          },
        },
      },
    });
    expect(text).not.toContain(keys.stellar.seed);
    expect(text).not.toContain(keys.evm.seed);
  });

  test('a public key that reads like a number stays text', () => {
    const publicKey = Buffer.from(`${'11'.repeat(31)}e1`, 'hex');
    const document = keysDocument(
      { ...keys, stellar: { ...keys.stellar, publicKey } },
      { 'treasury-stellar': 's', 'treasury-evm': 'e' },
    );
    expect(roundTrip(document).keys['treasury-stellar'].public_key).toBe(publicKey.toString('hex'));
  });

  test('policy and chains name the same accounts, and the recipients are the only destinations', () => {
    const policy = roundTrip(policyDocument(keys, recipients)).keys;
    const chains = roundTrip(chainsDocument(keys, { stellar: 'http://s', evm: 'http://e' })).chains;
    const [stellar, evm] = chains.map((chain: { treasuries: unknown[] }) => chain.treasuries[0]);
    expect(policy['treasury-stellar'].stellar).toMatchObject({ account: stellar.account, channels: stellar.channels });
    expect(stellar.account).toBe(keys.stellar.address);
    expect(stellar.channels).toEqual(keys.channels.map((channel) => channel.publicKey()));
    expect(evm.address).toBe(keys.evm.address);
    const [first, ...others] = recipients.stellar;
    expect(policy['treasury-stellar'].stellar.destinations).toEqual([
      { address: first, memo: 'any' },
      ...others,
      ...recipients.contracts,
    ]);
    expect(policy['treasury-evm'].evm.destinations).toEqual(recipients.evm);
  });

  test('policy and chains name the same assets, beside the native ones, with the same decimals', () => {
    const policy = roundTrip(policyDocument(keys, recipients)).keys;
    const [stellar, evm] = roundTrip(chainsDocument(keys, { stellar: 'http://s', evm: 'http://e' })).chains;
    const [usdc, token] = [stellar.assets[0], evm.assets[0]];
    expect(policy['treasury-stellar'].stellar.assets[usdc.asset]).not.toHaveProperty('decimals');
    expect(policy['treasury-evm'].evm.assets[token.asset]).toMatchObject({ decimals: token.decimals });
  });

  test('a full batch at the highest inclusion fee fits under the policy’s ceiling', () => {
    const { max_fee } = roundTrip(policyDocument(keys, recipients)).keys['treasury-stellar'].stellar;
    const { max_inclusion_fee } = roundTrip(chainsDocument(keys, { stellar: 's', evm: 'e' })).chains[0].treasuries[0];
    expect(100 * Number(max_inclusion_fee)).toBeLessThanOrEqual(Number(max_fee) * 1e7);
  });

  test('flags', () => {
    const paths = { 'treasury-stellar': 'kms', 'treasury-evm': 'legacy' } as const;
    expect(roundTrip(flagsDocument(paths))).toEqual({ paths });
  });

  test('YAML without anchors', () => {
    const shared = ['x'];
    expect(toYaml({ a: shared, b: shared })).toBe('a:\n  - x\nb:\n  - x\n');
  });
});

describe('replaceFile', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countersign-files-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  test('replaces the whole content, for the owner alone, and leaves nothing beside it', async () => {
    const file = join(directory, 'flags.yaml');
    await replaceFile(file, 'a longer first content');
    const { ino } = await stat(file);
    await replaceFile(file, 'second');
    expect(await readFile(file, 'utf8')).toBe('second');
    // Another inode: the old content was never open for writing.
    expect((await stat(file)).ino).not.toBe(ino);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['flags.yaml']);
  });
});
