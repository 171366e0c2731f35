import { setTimeout as pause } from 'node:timers/promises';
import { type Kms, startKms } from '@countersign/dev/kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsOptions } from './aws-kms/aws-client.ts';
import { type KeysConfig, keysSchema } from './keys-config.ts';
import { openRegistry, seedVariablesOf } from './registry.ts';

const ED25519 = {
  secret: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  public: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
};
const SECP256K1 = {
  secret: `${'0'.repeat(63)}1`,
  public: '0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798',
};
const OTHER_ED25519 = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';

const OTHER_ED25519_SECRET = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';

let kms: Kms;
let aws: AwsOptions;
beforeAll(async () => {
  kms = await startKms({
    keys: [
      { alias: 'alias/stellar', algorithm: 'ed25519', privateKey: ED25519.secret },
      { alias: 'alias/evm', algorithm: 'secp256k1', privateKey: SECP256K1.secret },
      { alias: 'alias/other', algorithm: 'ed25519', privateKey: OTHER_ED25519_SECRET },
    ],
  });
  aws = { mode: 'development', endpoint: kms.url, region: kms.region, credentials: kms.credentials.signer };
});
afterAll(() => kms.close());

type KeyConfig = KeysConfig['keys'][string];
const legacy = { backend: 'env', variable: 'STELLAR_SEED' } as const;
const stellar: KeyConfig = {
  algorithm: 'ed25519',
  public_key: ED25519.public,
  custodies: { legacy, kms: { backend: 'aws-kms', key: 'alias/stellar' } },
};
const evm: KeyConfig = {
  algorithm: 'secp256k1',
  public_key: SECP256K1.public,
  custodies: { kms: { backend: 'aws-kms', key: 'alias/evm' } },
};
const env = { STELLAR_SEED: ED25519.secret };

describe('the registry', () => {
  test('opens every custody of every key', async () => {
    const config = { keys: { 'treasury-stellar': stellar, 'treasury-evm': evm } };
    const registry = await openRegistry(keysSchema.parse(config), { env, aws });
    expect([...registry.keys.keys()]).toEqual(['treasury-stellar', 'treasury-evm']);
    const key = registry.keys.get('treasury-stellar');
    expect(key).toMatchObject({ id: 'treasury-stellar', algorithm: 'ed25519' });
    expect(Object.keys(key?.custodies ?? {})).toEqual(['legacy', 'kms']);
    expect(Buffer.from(key?.publicKey ?? []).toString('hex')).toBe(ED25519.public);
    expect(registry.keys.get('treasury-evm')?.custodies.legacy).toBeUndefined();
    await registry.close();
  });

  test('without a KMS custody needs nothing of AWS', async () => {
    const config = { keys: { 'treasury-stellar': { ...stellar, custodies: { legacy } } } };
    const registry = await openRegistry(config, { env, aws: { mode: 'production' } });
    await registry.close();
  });

  const wrong: [string, Record<string, KeyConfig>, NodeJS.ProcessEnv, string][] = [
    [
      'a legacy key that is not the pinned one',
      { one: { ...stellar, public_key: OTHER_ED25519 } },
      env,
      `key one: env: public key: expected the pinned ${OTHER_ED25519}, got ${ED25519.public}`,
    ],
    [
      'a KMS key that is not the pinned one',
      {
        one: {
          ...stellar,
          public_key: OTHER_ED25519,
          custodies: { kms: { backend: 'aws-kms', key: 'alias/stellar' } },
        },
      },
      env,
      `key one: aws-kms: public key: expected the pinned ${OTHER_ED25519}, got ${ED25519.public}`,
    ],
    ['a variable that is missing', { one: stellar }, {}, 'key one: STELLAR_SEED: expected a seed, got nothing'],
    [
      'a KMS key of another spec',
      { two: { ...evm, custodies: { kms: { backend: 'aws-kms', key: 'alias/stellar' } } } },
      env,
      'key two: aws-kms: KeySpec: expected ECC_SECG_P256K1, got ECC_NIST_EDWARDS25519',
    ],
    [
      'a KMS key that does not exist',
      { two: { ...evm, custodies: { kms: { backend: 'aws-kms', key: 'alias/gone' } } } },
      env,
      'key two: aws-kms: NotFoundException: Alias arn:aws:kms:us-east-1:111122223333:alias/gone is not found.',
    ],
    [
      'a token that the file does not describe',
      { one: { ...evm, custodies: { kms: { backend: 'pkcs11', token: 'main', label: 'evm' } } } },
      {},
      'key one: tokens: expected one named main, got none',
    ],
    [
      'one public key under two ids',
      { one: stellar, two: stellar },
      env,
      'key two: public_key: the same key is registered as one',
    ],
    [
      'a pinned key that is no point',
      { one: { ...evm, public_key: `02${'00'.repeat(31)}05` } },
      env,
      'key one: secp256k1 public key: expected a point of the curve',
    ],
  ];
  test.each(wrong)('%s refuses to open, naming the key', async (_, keys, variables, message) => {
    await expect(openRegistry({ keys }, { env: variables, aws })).rejects.toMatchObject({
      code: 'MISCONFIGURED',
      message: expect.stringContaining(message),
    });
  });

  test('a region that is missing is named together with the key', async () => {
    await expect(openRegistry({ keys: { one: evm } }, { env: {}, aws: { mode: 'production' } })).rejects.toMatchObject({
      message: 'key one: AWS_REGION: expected a region, got nothing',
    });
  });

  test('what is wrong for good is told before what may pass: nobody asks again in vain', async () => {
    kms.faults.add({ kind: 'error', code: 'KMSInternalException', operation: 'DescribeKey', key: 'alias/stellar' });
    const gone = { ...evm, custodies: { kms: { backend: 'aws-kms', key: 'alias/gone' } } } as const;
    const opening = openRegistry({ keys: { one: stellar, two: gone } }, { env, aws });
    await expect(opening).rejects.toMatchObject({ code: 'MISCONFIGURED', message: expect.stringContaining('key two') });
    kms.faults.clear();
  });

  test('a KMS that does not answer is unavailable, with its attempts', async () => {
    kms.faults.add({ kind: 'hang', operation: '*' });
    const opening = openRegistry({ keys: { one: evm } }, { env: {}, aws, openTimeoutMs: 100 });
    await expect(opening).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/^key one: aws-kms: no answer before the deadline/),
      attempts: [{ errorCode: 'DEADLINE' }],
    });
    kms.faults.clear();
  });

  test('a KMS that is down is not asked any more by any of its keys, until a trial finds it up again', async () => {
    const circuits: [string, boolean][] = [];
    const registry = await openRegistry(
      { keys: { one: stellar, two: evm } },
      {
        env,
        aws: { ...aws, circuit: { failures: 3, openMs: [600, 600] } },
        onCircuit: (backend, isOpen) => circuits.push([backend, isOpen]),
      },
    );
    const sign = async (id: string) =>
      registry.keys.get(id)?.custodies.kms?.sign(new Uint8Array(32), AbortSignal.timeout(9_000));
    kms.faults.add({ kind: 'error', code: 'KMSInternalException' });
    await expect(sign('one')).rejects.toMatchObject({ code: 'UNAVAILABLE', attempts: [{}, {}, {}] });
    await expect(sign('two')).rejects.toMatchObject({ code: 'UNAVAILABLE', attempts: [] });
    kms.faults.clear();
    await expect(eventually(() => sign('two'))).resolves.toMatchObject({ attempts: [{ outcome: 'succeeded' }] });
    expect(circuits).toEqual([
      ['aws-kms', true],
      ['aws-kms', false],
    ]);
    await registry.close();
  });

  test('one bad key closes the good ones', async () => {
    const good = { ...stellar, custodies: { legacy } };
    await expect(
      openRegistry(
        { keys: { good, bad: { ...evm, custodies: { kms: { backend: 'aws-kms', key: 'x' } } } } },
        { env, aws },
      ),
    ).rejects.toMatchObject({ message: expect.stringContaining('key bad') });
  });

  test('what is no CustodyError passes through as it is', async () => {
    const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
    const broken = new Proxy(credentials, {
      ownKeys: () => {
        throw new TypeError('broken');
      },
    });
    await expect(
      openRegistry({ keys: { one: evm } }, { env: {}, aws: { ...aws, credentials: broken } }),
    ).rejects.toThrow(TypeError);
  });
});

describe('custodies of another keys file', () => {
  const onSeed = { keys: { one: { ...stellar, custodies: { legacy } } } };
  const onBoth = { keys: { one: stellar } };
  const signal = () => AbortSignal.timeout(9_000);
  const message = new Uint8Array(32);

  test('sign from the moment that they are used, and not before', async () => {
    const registry = await openRegistry(onSeed, { env, aws });
    const key = registry.keys.get('one');
    const opened = await registry.openCustodies(onBoth);
    expect(key?.custodies.kms).toBeUndefined();
    opened.use();
    expect((await key?.custodies.kms?.sign(message, signal()))?.attempts).toMatchObject([{ backend: 'aws-kms' }]);
    expect(key?.custodies.legacy).toBeDefined();
    await registry.close();
  });

  test('that are dropped change nothing', async () => {
    const registry = await openRegistry(onBoth, { env, aws });
    const before = registry.keys.get('one')?.custodies.kms;
    await (await registry.openCustodies(onBoth)).drop();
    expect(registry.keys.get('one')?.custodies.kms).toBe(before);
    expect((await before?.sign(message, signal()))?.attempts).toHaveLength(1);
    await registry.close();
  });

  test('leave the signatures that are under way to those before them', async () => {
    const registry = await openRegistry(onBoth, { env, aws });
    const before = registry.keys.get('one')?.custodies.kms;
    const opened = await registry.openCustodies(onBoth);
    kms.faults.set({ latencyMs: 100 });
    const underWay = before?.sign(message, signal());
    opened.use();
    expect((await underWay)?.attempts).toMatchObject([{ outcome: 'succeeded' }]);
    kms.faults.clear();
    const after = registry.keys.get('one')?.custodies.kms;
    expect(after).not.toBe(before);
    expect((await after?.sign(message, signal()))?.attempts).toHaveLength(1);
    await registry.close();
  });

  test('tell of the circuits of those that sign, and of no others', async () => {
    const circuits: boolean[] = [];
    const circuit = { failures: 1, openMs: [60_000, 60_000] } as const;
    const onCircuit = (_: string, isOpen: boolean) => void circuits.push(isOpen);
    const registry = await openRegistry(onBoth, { env, aws: { ...aws, circuit }, onCircuit });
    kms.faults.add({ kind: 'error', code: 'KMSInternalException', operation: 'Sign' });
    await expect(registry.keys.get('one')?.custodies.kms?.sign(message, signal())).rejects.toThrow();
    expect(circuits).toEqual([true]);
    kms.faults.clear();
    (await registry.openCustodies(onBoth)).use();
    expect(circuits).toEqual([true, false]);
    await registry.close();
  });

  test.each<[what: string, keys: Record<string, KeyConfig>, problem: string]>([
    ['a key that is new', { one: stellar, two: evm }, 'key two: it is new: that needs a restart'],
    ['a key that is gone', { two: evm }, 'key one: it is gone: that needs a restart'],
    [
      'another public key',
      { one: { ...stellar, public_key: OTHER_ED25519 } },
      'key one: public_key is another: that needs a restart',
    ],
    [
      'another algorithm',
      { one: { ...stellar, algorithm: 'secp256k1' } },
      'key one: algorithm is another: that needs a restart',
    ],
    [
      'another legacy custody',
      { one: { ...stellar, custodies: { ...stellar.custodies, legacy: { ...legacy, variable: 'OTHER' } } } },
      'key one: custodies.legacy is another: that needs a restart',
    ],
    [
      'no kms custody any more',
      { one: { ...stellar, custodies: { legacy } } },
      'key one: custodies.kms is gone: that needs a restart',
    ],
    [
      'a custody that holds another key',
      { one: { ...stellar, custodies: { legacy, kms: { backend: 'aws-kms', key: 'alias/other' } } } },
      `key one: aws-kms: public key: expected the pinned ${ED25519.public}, got ${OTHER_ED25519}`,
    ],
  ])('are refused with %s, and those before go on', async (_, keys, problem) => {
    const registry = await openRegistry(onBoth, { env, aws });
    await expect(registry.openCustodies({ keys })).rejects.toMatchObject({ code: 'MISCONFIGURED', message: problem });
    expect((await registry.keys.get('one')?.custodies.kms?.sign(message, signal()))?.attempts).toHaveLength(1);
    await registry.close();
  });
});

/** Asks until it is answered. */
async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await pause(5);
    }
  }
}

describe('the keys file', () => {
  test.each<[string, unknown]>([
    ['no keys', { keys: {} }],
    ['an unknown word', { keys: { one: { ...stellar, note: 'x' } } }],
    ['an unknown word beside keys', { keys: { one: stellar }, version: 1 }],
    ['a key id with a capital', { keys: { Treasury: stellar } }],
    ['a key id that is __proto__', JSON.parse(`{"keys":{"__proto__":${JSON.stringify(stellar)}}}`)],
    [
      'a name that a terminal would take for a command',
      { keys: { one: { ...stellar, custodies: { kms: { backend: 'aws-kms', key: 'alias/\u001b[5Ax' } } } } },
    ],
    ['no custody', { keys: { one: { ...stellar, custodies: {} } } }],
    ['another backend', { keys: { one: { ...stellar, custodies: { kms: { backend: 'env', variable: 'X' } } } } }],
    ['an unknown algorithm', { keys: { one: { ...stellar, algorithm: 'p256' } } }],
    ['a public key of the other length', { keys: { one: { ...stellar, public_key: SECP256K1.public } } }],
    ['a public key with a prefix', { keys: { one: { ...evm, public_key: `0x${SECP256K1.public.slice(2)}` } } }],
    [
      'a seed in place of the name of a variable',
      { keys: { one: { ...stellar, custodies: { legacy: { ...legacy, variable: ED25519.secret } } } } },
    ],
  ])('%s is refused', (_, config) => {
    expect(keysSchema.safeParse(config).success).toBe(false);
  });
});

describe('a place that a key is in', () => {
  const custodies = { kms: { backend: 'pkcs11', token: 'main', label: 'evm' } } as const;
  const token = { module: '/usr/lib/pkcs11.so', label: 'main', pin: { file: '/run/pin' } };
  const problems = (config: unknown) =>
    keysSchema.safeParse(config).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

  test('has to be in the file', () => {
    const keys = { one: { ...evm, custodies } };
    expect(problems({ keys, tokens: { main: token } })).toBeUndefined();
    for (const tokens of [undefined, {}, { other: token }]) {
      expect(problems({ keys, tokens })).toEqual(['keys.one.custodies.kms.token: expected a name of tokens']);
    }
  });

  test.each([
    ['neither file nor command', { pin: {} }, 'tokens.main.pin: expected file or command'],
    ['both', { pin: { file: '/run/pin', command: ['pin'] } }, 'tokens.main.pin: expected file or command'],
    [
      'a path that depends on where the signer runs',
      { module: 'pkcs11.so' },
      'tokens.main.module: expected an absolute path',
    ],
  ])('is refused with %s', (_, own, problem) => {
    expect(problems({ keys: { one: evm }, tokens: { main: { ...token, ...own } } })).toEqual([problem]);
  });
});

describe('seedVariablesOf', () => {
  const config = { keys: { stellar, evm } };
  test.each([
    ['stellar', ['STELLAR_SEED']],
    ['evm', []],
    ['nobody', []],
    ['constructor', []],
  ])('%s: %j', (id, variables) => {
    expect(seedVariablesOf(config, id)).toEqual(variables);
  });
});
