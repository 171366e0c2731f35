import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kms, startKms } from '@countersign/dev/kms';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { runWith } from '../../testing/run.ts';

// RFC 8032, 7.1, tests 1 and 2.
const STELLAR = {
  seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
};
const OTHER_SEED = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
const FILE = `# who signs
keys:
  treasury-stellar:
    # since 2024
    algorithm: ed25519
    public_key: ${STELLAR.publicKey}
    custodies:
      legacy: { backend: env, variable: STELLAR_SEED }
`;
const AT_KMS = '{ backend: aws-kms, key: alias/stellar }';

let kms: Kms;
let folder: string;
let file: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  kms = await startKms({
    keys: [
      { alias: 'alias/stellar', algorithm: 'ed25519', privateKey: STELLAR.seed },
      { alias: 'alias/other', algorithm: 'ed25519', privateKey: OTHER_SEED },
      { alias: 'alias/evm', algorithm: 'secp256k1', privateKey: `${'0'.repeat(63)}1` },
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 'register-'));
  file = join(folder, 'keys.yaml');
  const { accessKeyId, secretAccessKey } = kms.credentials.operator;
  env = {
    COUNTERSIGN_MODE: 'development',
    KEYS_FILE: file,
    AWS_REGION: kms.region,
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    STELLAR_SEED: STELLAR.seed,
  };
});
beforeEach(() => writeFile(file, FILE));
afterAll(async () => {
  await kms.close();
  await rm(folder, { recursive: true });
});

const keys = (...args: string[]) => runWith(env, 'keys', ...args);
const text = () => readFile(file, 'utf8');

test('register: one more custody of a key, with everything else in the file as it was', async () => {
  await chmod(file, 0o640);
  expect(await keys('register', 'treasury-stellar', '--kms', AT_KMS)).toMatchObject({
    code: 0,
    err: '',
    out: expect.stringMatching(
      /^treasury-stellar {2}ed25519 {2}G\w+\n {2}public key {2}d75a\w+\n.*raise the version in the policy, and sign the bundle anew if it is signed; running signers then take it\n$/s,
    ),
  });
  const after = await text();
  expect(after).toContain(FILE.slice(0, FILE.indexOf('    algorithm')));
  expect(after).toContain('legacy: { backend: env, variable: STELLAR_SEED }');
  expect(JSON.parse((await keys('show', 'treasury-stellar', '--json')).out)).toMatchObject([
    {
      publicKey: STELLAR.publicKey,
      custodies: {
        legacy: { backend: 'env', variable: 'STELLAR_SEED' },
        kms: { backend: 'aws-kms', key: 'alias/stellar' },
      },
    },
  ]);
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await readdir(folder)).toEqual(['keys.yaml']);
});

test('register: a key that was not in the file, with the public key that is found', async () => {
  const { code } = await keys(
    'register',
    'treasury-evm',
    '--algorithm',
    'secp256k1',
    '--kms',
    '{ backend: aws-kms, key: alias/evm }',
  );
  expect(code).toBe(0);
  expect(JSON.parse((await keys('show', 'treasury-evm', '--json')).out)).toMatchObject([
    { algorithm: 'secp256k1', publicKey: '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798' },
  ]);
});

test('register: a custody that is there makes room for another where that is asked for, and no other', async () => {
  const arn = kms.keys.find(({ alias }) => alias === 'alias/stellar')?.arn;
  const byArn = ['register', 'treasury-stellar', '--kms', `{ backend: aws-kms, key: "${arn}" }`];
  expect(await keys('register', 'treasury-stellar', '--kms', AT_KMS)).toMatchObject({ code: 0 });
  const before = await text();
  expect(await keys('register', 'treasury-stellar', '--kms', AT_KMS)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${file} is as it was\n`),
  });
  expect(await keys(...byArn)).toMatchObject({
    code: 2,
    err: `${file}: key treasury-stellar has a custody there already (kms: aws-kms, key alias/stellar): --replace puts another in its place\n`,
  });
  expect(await text()).toBe(before);
  expect(await keys(...byArn, '--replace')).toMatchObject({
    code: 0,
    out: expect.stringContaining('  replaces    kms: aws-kms, key alias/stellar\n'),
  });
  expect(await text()).toBe(before.replace('alias/stellar', String(arn)));
});

test.each([undefined, 'keys:\n', 'keys: {}\n'])('register: the first key, into a file of %j', async (content) => {
  await (content === undefined ? rm(file) : writeFile(file, content));
  const { code, out } = await keys('register', 'treasury-stellar', '--algorithm', 'ed25519', '--kms', AT_KMS);
  expect([code, out]).toEqual([
    0,
    expect.stringContaining(`${file} ${content === undefined ? 'is new' : 'has changed'}:`),
  ]);
  expect(await keys('doctor', 'treasury-stellar')).toMatchObject({ code: 0 });
});

test('generate: a file that cannot be written is told after the key that was made', async () => {
  const nowhere = join(folder, 'nowhere', 'keys.yaml');
  const made = [
    'generate',
    'treasury-lost',
    '--algorithm',
    'ed25519',
    '--kms',
    '{ backend: aws-kms, key: alias/lost }',
  ];
  expect(await keys(...made, '--keys', nowhere)).toMatchObject({
    code: 2,
    out: expect.stringMatching(/^treasury-lost {2}ed25519 {2}G\w+\n {2}public key {2}[0-9a-f]{64}\n$/),
    err: `${nowhere}: cannot write the file (ENOENT)\n`,
  });
});

test('with --dry-run nothing is written', async () => {
  expect(await keys('register', 'treasury-stellar', '--kms', AT_KMS, '--dry-run')).toMatchObject({ code: 0 });
  expect(await text()).toBe(FILE);
});

test('generate: a key is made where it is to live, and registered', async () => {
  const made = ['generate', 'treasury-new', '--algorithm', 'ed25519', '--kms', '{ backend: aws-kms, key: alias/new }'];
  expect(await keys(...made)).toMatchObject({ code: 0 });
  expect(await keys('doctor', 'treasury-new')).toMatchObject({ code: 0 });
  const before = await text();
  expect(await keys(...made)).toMatchObject({
    code: 2,
    err: expect.stringContaining('key treasury-new is there already'),
  });
  expect(await keys('generate', 'treasury-again', ...made.slice(2))).toMatchObject({
    code: 2,
    err: 'key treasury-again: aws-kms: key: expected an alias that is free, got alias/new\n',
  });
  expect(await text()).toBe(before);
});

test.each<[string, string[], string]>([
  [
    'another key than the pinned one',
    ['treasury-stellar', '--kms', '{ backend: aws-kms, key: alias/other }'],
    'key treasury-stellar: public key: expected the pinned d75a',
  ],
  [
    'a key that is not there',
    ['treasury-stellar', '--kms', '{ backend: aws-kms, key: alias/gone }'],
    'NotFoundException',
  ],
  ['a custody with an unknown word', ['treasury-stellar', '--kms', '{ backend: aws-kms, name: x }'], '--kms:1'],
  [
    'a vault that the file does not name',
    ['treasury-stellar', '--kms', '{ backend: vault-transit, vault: main, key: x }'],
    'expected one named main',
  ],
  [
    'a new key without an algorithm',
    ['treasury-evm', '--kms', AT_KMS],
    '--algorithm: expected one for a key that is not in the file',
  ],
  [
    'another algorithm',
    ['treasury-stellar', '--algorithm', 'secp256k1', '--kms', AT_KMS],
    'algorithm: expected ed25519, got secp256k1',
  ],
  [
    'one key under a second id',
    ['treasury-two', '--algorithm', 'ed25519', '--kms', AT_KMS],
    'the same key is registered as treasury-stellar',
  ],
  ['no custody', ['treasury-stellar'], 'expected --legacy, --kms or both'],
  ['a bad id', ['Treasury', '--kms', AT_KMS], 'expected one key id'],
  [
    'two custodies of different keys',
    [
      'treasury-x',
      '--algorithm',
      'ed25519',
      '--legacy',
      '{ backend: env, variable: STELLAR_SEED }',
      '--kms',
      '{ backend: aws-kms, key: alias/other }',
    ],
    'public key: expected one in both custodies',
  ],
])('register: %s is refused, and the file is as it was', async (_, args, problem) => {
  expect(await keys('register', ...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(problem) });
  expect(await text()).toBe(FILE);
});

test('generate: with --dry-run nothing is made', async () => {
  const asked = ['--algorithm', 'ed25519', '--kms', '{ backend: aws-kms, key: alias/never }'];
  expect(await keys('generate', 'treasury-x', ...asked, '--dry-run')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--dry-run: a key that was made cannot be unmade'),
  });
  expect(await keys('register', 'treasury-x', ...asked)).toMatchObject({ err: expect.stringContaining('NotFound') });
});

test('generate: a place that makes no keys says so', async () => {
  expect(
    await keys(
      'generate',
      'treasury-x',
      '--algorithm',
      'ed25519',
      '--legacy',
      '{ backend: env, variable: STELLAR_SEED }',
    ),
  ).toMatchObject({ code: 2, err: expect.stringContaining('env: expected a place that makes keys') });
});
