import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Kms, startKms } from '@countersign/dev/kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { runWith } from '../../testing/run.ts';

// RFC 8032, 7.1, test 1; and the secret key 1, whose public key is G.
const STELLAR = {
  seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  address: 'GDLVVGABQKYQVN6VJP7NHSLEA45A5YLS6PNKMIZFV4BBU2HXA5IRVHUR',
};
const EVM = {
  seed: `${'0'.repeat(63)}1`,
  publicKey: '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
  address: '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf',
};

let kms: Kms;
let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  kms = await startKms({
    keys: [
      { alias: 'alias/stellar', algorithm: 'ed25519', privateKey: STELLAR.seed },
      { alias: 'alias/evm', algorithm: 'secp256k1', privateKey: EVM.seed },
    ],
  });
  folder = await mkdtemp(join(tmpdir(), 'keys-'));
  const { accessKeyId, secretAccessKey } = kms.credentials.signer;
  env = {
    COUNTERSIGN_MODE: 'development',
    KEYS_FILE: await keysFile({}),
    AWS_REGION: kms.region,
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  await kms.close();
  await rm(folder, { recursive: true });
});

async function keysFile({ alias = 'alias/stellar', publicKey = STELLAR.publicKey }): Promise<string> {
  const file = join(folder, `${alias.replaceAll('/', '-')}-${publicKey.slice(0, 4)}.yaml`);
  await writeFile(
    file,
    `keys:
  treasury-stellar:
    algorithm: ed25519
    public_key: ${publicKey}
    custodies: { legacy: { backend: env, variable: STELLAR_SEED }, kms: { backend: aws-kms, key: ${alias} } }
  treasury-evm:
    algorithm: secp256k1
    public_key: '${EVM.publicKey}'
    custodies: { kms: { backend: aws-kms, key: alias/evm } }
`,
  );
  return file;
}

const keys = (...args: string[]) => runWith(env, 'keys', ...args);

test('keys list: a line for each key', async () => {
  expect(await keys('list')).toEqual({
    code: 0,
    err: '',
    out: [
      `treasury-stellar  ed25519    ${STELLAR.address}  legacy: env, kms: aws-kms\n`,
      `treasury-evm      secp256k1  ${EVM.address}${' '.repeat(14)}  kms: aws-kms\n`,
    ].join(''),
  });
});

test('keys show: all that the file says of the keys that are named', async () => {
  const { code, out } = await keys('show', 'treasury-stellar');
  expect(code).toBe(0);
  expect(out).toBe(`treasury-stellar
  algorithm   ed25519
  public key  ${STELLAR.publicKey}
  address     ${STELLAR.address}
  legacy      env, variable STELLAR_SEED
  kms         aws-kms, key alias/stellar
`);
  expect(JSON.parse((await keys('show', 'treasury-evm', '--json')).out)).toEqual([
    {
      id: 'treasury-evm',
      algorithm: 'secp256k1',
      publicKey: EVM.publicKey,
      address: EVM.address,
      custodies: { kms: { backend: 'aws-kms', key: 'alias/evm' } },
    },
  ]);
});

test.each([
  [['list', '--keys', '/nowhere'], /^\/nowhere: cannot read the file/],
  [['show', 'nobody'], /\.yaml: no key nobody$/m],
  [['list', '--colour'], /^Unknown option/],
])('keys %j cannot be answered', async (args, problem) => {
  expect(await keys(...args)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(problem) });
});

test('without a keys file its name is asked for', async () => {
  expect(await runWith({}, 'keys', 'list')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^--keys or KEYS_FILE/),
  });
});

describe('keys doctor', () => {
  test('finds nothing wrong with keys that are as they have to be, and signs nothing', async () => {
    const { code, out } = await keys('doctor');
    expect(out).toMatch(
      /^treasury-stellar\n {2}legacy: env\n {4}ok {4}opens {9}not looked at: STELLAR_SEED is not set here\n/,
    );
    expect(out).toContain('    ok    public key    the pinned one\n');
    expect(out).toMatch(/ok {4}answers {7}arn:aws:kms:us-east-1:\d+:key\/\S+, in \d+\.\d ms\n/);
    expect(out).toContain('    ok    key spec      ECC_SECG_P256K1\n');
    expect(out).toContain('    ok    permission    kms:Sign would succeed (DryRun)\n');
    expect(out).toMatch(/ok {4}clock {9}this machine is [012] s (ahead of|behind) KMS\n/);
    expect(code).toBe(0);
    expect(kms.events().filter(({ eventName, errorCode }) => eventName === 'Sign' && errorCode === undefined)).toEqual(
      [],
    );
  });

  test('looks at a seed where it is set, and does not show it', async () => {
    const { code, out } = await runWith({ ...env, STELLAR_SEED: STELLAR.seed }, 'keys', 'doctor', 'treasury-stellar');
    expect(code).toBe(0);
    expect(out).toMatch(/legacy: env\n {4}ok {4}opens {9}env\n {4}ok {4}public key {4}the pinned one\n/);
    const wrong = await runWith({ ...env, STELLAR_SEED: 'hunter2' }, 'keys', 'doctor', 'treasury-stellar');
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain('FAIL  opens         STELLAR_SEED: expected a Stellar secret seed');
    expect(wrong.out).not.toContain('hunter2');
  });

  const of = async (alias: string, publicKey?: string) =>
    runWith(
      env,
      'keys',
      'doctor',
      'treasury-stellar',
      '--keys',
      await keysFile({ alias, ...(publicKey && { publicKey }) }),
    );

  test('another key than the pinned one', async () => {
    const { code, out } = await of('alias/stellar', '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}public key {4}expected the pinned 3d40\w+, got d75a\w+\n +→ this is another key/);
  });

  test('a key of another spec', async () => {
    const { code, out } = await of('alias/evm');
    expect(code).toBe(1);
    expect(out).toContain('FAIL  opens         aws-kms: KeySpec: expected ECC_NIST_EDWARDS25519, got ECC_SECG_P256K1');
    expect(out).toMatch(
      /FAIL {2}key spec {6}expected ECC_NIST_EDWARDS25519, got ECC_SECG_P256K1\n +→ a key has its spec for good/,
    );
  });

  test('a key that is not there', async () => {
    const { code, out } = await of('alias/gone');
    expect(code).toBe(1);
    expect(out).toMatch(
      /FAIL {2}answers {7}NotFoundException: .*\n +→ look at the key id or alias, the account and AWS_REGION/,
    );
  });

  test('a role that may not sign', async () => {
    kms.faults.add({ kind: 'error', code: 'AccessDeniedException', operation: 'Sign' });
    const { code, out } = await keys('doctor', 'treasury-evm');
    expect(code).toBe(1);
    expect(out).toMatch(
      /FAIL {2}permission {4}AccessDeniedException: .*\n +→ allow kms:Sign on this key to the role of the signer/,
    );
  });

  test('a clock that is wrong', async () => {
    kms.faults.set({ clockOffsetMs: 4 * 60_000 });
    const { code, out } = await keys('doctor', 'treasury-evm');
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}clock {9}this machine is 2[34]\d s behind KMS\n +→ set the clock of this machine/);
  });

  test('an endpoint override in production is refused by its name', async () => {
    const { code, out } = await runWith({ ...env, COUNTERSIGN_MODE: undefined }, 'keys', 'doctor', 'treasury-evm');
    expect(code).toBe(1);
    expect(out).toContain(
      'FAIL  opens         AWS_ENDPOINT_URL_KMS: an endpoint override is refused in production mode',
    );
  });
});
