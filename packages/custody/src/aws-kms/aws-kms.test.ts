import {
  CreateKeyCommand,
  DisableKeyCommand,
  type KeySpec,
  type KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms';
import { type Fault, type Kms, startKms } from '@countersign/dev/kms';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { refusal } from '../../testing/refusal.ts';
import type { Algorithm, Backend } from '../backend.ts';
import { createCircuitBreaker } from '../circuit-breaker.ts';
import { createQuota } from '../quota.ts';
import { checkedSignature } from '../signature.ts';
import { type AwsOptions, createKmsClient } from './aws-client.ts';
import { openAwsKmsBackend } from './aws-kms.ts';

const ALGORITHMS = ['ed25519', 'secp256k1'] as const;
const MESSAGE = new Uint8Array(32).fill(7);
const RETRY = { mostCalls: 4, pauseMs: [1, 2] } as const;

let kms: Kms;
let options: AwsOptions;
let client: KMSClient;
let operator: KMSClient;
beforeAll(async () => {
  kms = await startKms({ keys: ALGORITHMS.map((algorithm) => ({ alias: `alias/${algorithm}`, algorithm })) });
  options = {
    mode: 'development',
    endpoint: kms.url,
    region: kms.region,
    credentials: kms.credentials.signer,
    attemptTimeoutMs: 25_000,
  };
  client = createKmsClient(options, {});
  operator = createKmsClient({ ...options, credentials: kms.credentials.operator }, {});
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  client.destroy();
  operator.destroy();
  await kms.close();
});

const within = (ms = 25_000) => AbortSignal.timeout(ms);
const open = (algorithm: Algorithm, key = `alias/${algorithm}`, by = client, signal = within()) =>
  openAwsKmsBackend(by, { key, algorithm, retry: RETRY }, signal);

describe.each(ALGORITHMS)('signing with %s', (algorithm) => {
  let backend: Backend;
  beforeEach(async () => {
    backend = await open(algorithm);
  });
  const sign = (signal = within()) => backend.sign(MESSAGE, signal);

  test.each([
    'ThrottlingException',
    'LimitExceededException',
    'KMSInternalException',
    'KeyUnavailableException',
    'DependencyTimeoutException',
  ] as const)('%s twice, then an answer: every attempt has its own request id, and KMS knows it', async (code) => {
    kms.faults.add({ kind: 'error', code, times: 2 });
    const { attempts, signature } = await sign();
    expect(attempts.map(({ outcome, errorCode }) => [outcome, errorCode])).toEqual([
      ['failed', code],
      ['failed', code],
      ['succeeded', undefined],
    ]);
    const logged = kms.events().slice(-3);
    expect(attempts.map((attempt) => attempt.requestId)).toEqual(logged.map((event) => event.requestID));
    expect(logged.map((event) => event.errorCode)).toEqual([code, code, undefined]);
    expect(() => checkedSignature(algorithm, backend.publicKey, MESSAGE, signature)).not.toThrow();
  });

  test('trouble that stays is unavailable after as many attempts as allowed', async () => {
    kms.faults.add({ kind: 'error', code: 'ThrottlingException' });
    const error = await refusal(sign());
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
    expect(error.attempts).toHaveLength(4);
    expect(new Set(error.attempts.map((attempt) => attempt.requestId)).size).toBe(4);
  });

  test.each([
    'AccessDeniedException',
    'DisabledException',
    'ExpiredTokenException',
    'InvalidKeyUsageException',
    'KMSInvalidStateException',
    'NotFoundException',
  ] as const)('%s is final: one attempt', async (code) => {
    kms.faults.add({ kind: 'error', code });
    const error = await refusal(sign());
    expect(error).toMatchObject({
      code: 'REFUSED',
      retryable: false,
      attempts: [{ outcome: 'failed', errorCode: code, requestId: kms.events().at(-1)?.requestID }],
    });
    expect(error.message).toContain(code);
  });

  test('a connection that is reset has no request id, and is tried again', async () => {
    kms.faults.add({ kind: 'reset', times: 1 });
    const { attempts } = await sign();
    expect(attempts).toMatchObject([{ outcome: 'failed' }, { outcome: 'succeeded' }]);
    expect(attempts[0]).not.toHaveProperty('requestId');
  });

  test('a hang past the deadline is unavailable, on time, with its attempt', async () => {
    kms.faults.add({ kind: 'hang' });
    const start = performance.now();
    const error = await refusal(sign(within(150)));
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(error).toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      attempts: [{ backend: 'aws-kms', outcome: 'failed', errorCode: 'DEADLINE' }],
    });
    expect(error.attempts[0]?.durationMs).toBeGreaterThanOrEqual(100);
    expect(error.attempts[0]).not.toHaveProperty('requestId');
  });

  test('a hang shorter than the deadline costs one attempt', async () => {
    const hasty = createKmsClient({ ...options, attemptTimeoutMs: 1000 }, {});
    const own = await open(algorithm, `alias/${algorithm}`, hasty);
    kms.faults.add({ kind: 'hang', times: 1 });
    expect((await own.sign(MESSAGE, within())).attempts).toMatchObject([
      { outcome: 'failed', errorCode: 'ETIMEDOUT' },
      { outcome: 'succeeded' },
    ]);
    hasty.destroy();
  });

  test('a deadline between two attempts ends it', async () => {
    kms.faults.add({ kind: 'error', code: 'ThrottlingException' });
    const slow = await openAwsKmsBackend(
      client,
      { key: `alias/${algorithm}`, algorithm, retry: { mostCalls: 4, pauseMs: [60_000, 60_000] } },
      within(),
    );
    const error = await refusal(slow.sign(MESSAGE, within(1500)));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: [{ errorCode: 'ThrottlingException' }] });
  });

  test.each<Fault['kind']>(['wrong-signature', 'malformed-signature'])('%s never passes the check', async (kind) => {
    kms.faults.add({ kind } as Fault);
    const { signature } = await sign();
    expect(() => checkedSignature(algorithm, backend.publicKey, MESSAGE, signature)).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_INVALID', retryable: false }),
    );
  });

  test('a clock that is ten minutes off is set by the answer, and the call made again', async () => {
    const own = createKmsClient(options, {});
    const late = await open(algorithm, `alias/${algorithm}`, own);
    kms.faults.set({ clockOffsetMs: 600_000 });
    expect((await late.sign(MESSAGE, within())).attempts).toMatchObject([
      { outcome: 'failed', errorCode: 'InvalidSignatureException' },
      { outcome: 'succeeded' },
    ]);
    own.destroy();
  });

  test('so are all calls that were under way, and not only the first to hear of it', async () => {
    const late = await open(algorithm);
    kms.faults.set({ clockOffsetMs: 600_000 });
    const signed = await Promise.all(Array.from({ length: 8 }, () => late.sign(MESSAGE, within())));
    expect(signed.map(({ attempts }) => attempts.at(-1)?.outcome)).toEqual(Array.from(signed, () => 'succeeded'));
  });

  test('a key that is disabled while the signer runs is refused', async () => {
    const KeyId = await createKey(algorithm === 'ed25519' ? 'ECC_NIST_EDWARDS25519' : 'ECC_SECG_P256K1', 'SIGN_VERIFY');
    const own = await open(algorithm, KeyId);
    await operator.send(new DisableKeyCommand({ KeyId }));
    expect(await refusal(own.sign(MESSAGE, within()))).toMatchObject({
      code: 'REFUSED',
      attempts: [{ errorCode: 'DisabledException' }],
    });
  });
});

test('S is high or low as KMS likes, and always low after the check', async () => {
  const backend = await open('secp256k1');
  const vs = new Set<number>();
  for (const kind of ['high-s', 'low-s'] as const) {
    kms.faults.set({ faults: [{ kind }] });
    for (let round = 0; round < 8; round++) {
      const { signature } = await backend.sign(MESSAGE, within());
      const checked = checkedSignature('secp256k1', backend.publicKey, MESSAGE, signature);
      expect((checked[32] ?? 255) < 0x80).toBe(true);
      vs.add(checked[64] ?? 9);
    }
  }
  expect([...vs].sort()).toEqual([0, 1]);
});

async function createKey(KeySpec: KeySpec, KeyUsage: KeyUsageType): Promise<string> {
  const { KeyMetadata } = await operator.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
  return KeyMetadata?.KeyId ?? '';
}

describe('opening', () => {
  test.each([
    ['ed25519', 'alias/secp256k1', 'KeySpec: expected ECC_NIST_EDWARDS25519, got ECC_SECG_P256K1'],
    ['secp256k1', 'alias/ed25519', 'KeySpec: expected ECC_SECG_P256K1, got ECC_NIST_EDWARDS25519'],
    ['ed25519', 'alias/nobody', 'NotFoundException: Alias .* is not found'],
  ] as const)('%s at %s is misconfigured', async (algorithm, key, message) => {
    const error = await refusal(open(algorithm, key));
    expect(error).toMatchObject({ code: 'MISCONFIGURED', retryable: false });
    expect(error.message).toMatch(new RegExp(message));
  });

  test('a key for key agreement, and a disabled key, are misconfigured', async () => {
    const agreement = await createKey('ECC_NIST_P256', 'KEY_AGREEMENT');
    expect((await refusal(open('secp256k1', agreement))).message).toContain('got ECC_NIST_P256');
    const disabled = await createKey('ECC_SECG_P256K1', 'SIGN_VERIFY');
    await operator.send(new DisableKeyCommand({ KeyId: disabled }));
    expect(await refusal(open('secp256k1', disabled))).toMatchObject({
      code: 'MISCONFIGURED',
      message: 'aws-kms: KeyState: expected Enabled, got Disabled',
    });
  });

  test('credentials that KMS does not know, or that may not, are misconfigured', async () => {
    const nobody = createKmsClient({ ...options, credentials: { accessKeyId: 'NOBODY', secretAccessKey: 'x' } }, {});
    expect(await refusal(open('ed25519', 'alias/ed25519', nobody))).toMatchObject({
      code: 'MISCONFIGURED',
      message: expect.stringContaining('UnrecognizedClientException'),
    });
    kms.faults.add({ kind: 'error', code: 'AccessDeniedException', operation: 'GetPublicKey' });
    expect(await refusal(open('ed25519'))).toMatchObject({ code: 'MISCONFIGURED' });
    nobody.destroy();
  });

  test('a throttled start is tried again; one that hangs is unavailable', async () => {
    kms.faults.add({ kind: 'error', code: 'ThrottlingException', operation: 'DescribeKey', times: 1 });
    kms.faults.add({ kind: 'error', code: 'ThrottlingException', operation: 'GetPublicKey', times: 1 });
    await open('ed25519');
    kms.faults.add({ kind: 'hang', operation: 'DescribeKey' });
    expect(await refusal(open('ed25519', 'alias/ed25519', client, within(100)))).toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
    });
  });

  test('credentials that never come do not hold the start', async () => {
    const waiting = createKmsClient({ ...options, credentials: () => new Promise(() => undefined) }, {});
    expect(await refusal(open('ed25519', 'alias/ed25519', waiting, within(100)))).toMatchObject({
      code: 'UNAVAILABLE',
      attempts: [{ errorCode: 'DEADLINE' }],
    });
    waiting.destroy();
  });

  test('credentials that cannot be found are named, without a second look', async () => {
    let asked = 0;
    const nowhere = createKmsClient(
      {
        ...options,
        credentials: async () => {
          asked += 1;
          throw Object.assign(new Error('Could not load credentials from any providers'), {
            name: 'CredentialsProviderError',
          });
        },
      },
      {},
    );
    const error = await refusal(open('ed25519', 'alias/ed25519', nowhere));
    expect(error.code).toBe('MISCONFIGURED');
    expect(error.message).toContain('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    expect(asked).toBe(1);
    nowhere.destroy();
  });
});

test('credentials that stay away while the signer runs are unavailable, and no sign of KMS being down', async () => {
  let isAway = false;
  const own = createKmsClient(
    {
      ...options,
      credentials: async () => {
        if (isAway) throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
        return { ...kms.credentials.signer, expiration: new Date(0) };
      },
    },
    {},
  );
  const circuit = createCircuitBreaker({ failures: 1, openMs: [60_000, 60_000] });
  const gate = { quota: createQuota({ perSecond: 1000, burst: 1000 }), circuit };
  const key = await openAwsKmsBackend(
    own,
    { key: 'alias/ed25519', algorithm: 'ed25519', retry: RETRY, gate },
    within(),
  );
  isAway = true;
  const error = await refusal(key.sign(MESSAGE, within()));
  expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: [{ errorCode: 'ECONNREFUSED' }, {}, {}, {}] });
  isAway = false;
  expect((await key.sign(MESSAGE, within())).attempts).toMatchObject([{ outcome: 'succeeded' }]);
  own.destroy();
});
