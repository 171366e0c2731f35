import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { DescribeKeyCommand, KMSClient, SignCommand, VerifyCommand } from '@aws-sdk/client-kms';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { type Fault, type Kms, startKms } from './start-kms.ts';

let kms: Kms;
let client: KMSClient;
beforeAll(async () => {
  kms = await startKms({
    keys: [
      { alias: 'alias/stellar', algorithm: 'ed25519' },
      { alias: 'alias/evm', algorithm: 'secp256k1' },
    ],
  });
  const { url: endpoint, region, credentials } = kms;
  client = new KMSClient({ endpoint, region, credentials: credentials.signer, maxAttempts: 1 });
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  client.destroy();
  await kms.close();
});

const digest = randomBytes(32);
const evm = { KeyId: 'alias/evm', Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
const stellar = { KeyId: 'alias/stellar', Message: digest, SigningAlgorithm: 'ED25519_SHA_512' } as const;
const sign = (input: typeof evm | typeof stellar = evm) => client.send(new SignCommand(input));
const isValid = async (input: typeof evm | typeof stellar, Signature: Uint8Array | undefined) =>
  client.send(new VerifyCommand({ ...input, Signature })).then(
    () => true,
    () => false,
  );

describe('faults', () => {
  test('an error happens as many times as asked for, with its own status and a request id', async () => {
    kms.faults.add({ kind: 'error', code: 'KMSInternalException', times: 2 });
    for (let call = 0; call < 2; call++) {
      await expect(sign()).rejects.toMatchObject({
        name: 'KMSInternalException',
        $metadata: { httpStatusCode: 500, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
      });
    }
    expect(await sign()).toMatchObject({ SigningAlgorithm: 'ECDSA_SHA_256' });
  });

  test('without a count it stays until cleared; other operations and other keys do not meet it', async () => {
    kms.faults.add({ kind: 'error', code: 'ThrottlingException', key: 'alias/evm' });
    for (let call = 0; call < 3; call++) await expect(sign()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await sign(stellar);
    await client.send(new DescribeKeyCommand({ KeyId: 'alias/evm' }));
    kms.faults.clear();
    await sign();
  });

  test('one for every operation, and one for a share of the calls', async () => {
    kms.faults.add({ kind: 'error', code: 'KeyUnavailableException', operation: '*', times: 1 });
    const describeKey = () => client.send(new DescribeKeyCommand({ KeyId: 'alias/evm' }));
    await expect(describeKey()).rejects.toMatchObject({ name: 'KeyUnavailableException' });
    kms.faults.add({ kind: 'error', code: 'ThrottlingException', rate: 0.5 });
    const outcomes = await Promise.allSettled(Array.from({ length: 64 }, () => sign(stellar)));
    const throttled = outcomes.filter((outcome) => outcome.status === 'rejected').length;
    // Fewer than 8 or more than 56 of 64 happens once in 10^10 runs.
    expect(throttled).toBeGreaterThanOrEqual(8);
    expect(throttled).toBeLessThanOrEqual(56);
  });

  test('one that is for a time ends by itself', async () => {
    kms.faults.add({ kind: 'error', code: 'ThrottlingException', forMs: 150 });
    const start = performance.now();
    await expect(sign()).rejects.toMatchObject({ name: 'ThrottlingException' });
    for (;;) {
      const outcome = await sign().catch((error: Error) => error.name);
      if (outcome !== 'ThrottlingException') break;
    }
    expect(performance.now() - start).toBeGreaterThanOrEqual(145);
    expect(kms.faults.state().faults).toEqual([]);
  });

  test('a reset closes the connection without an answer', async () => {
    kms.faults.add({ kind: 'reset', times: 1 });
    await expect(sign()).rejects.toThrow('ECONNRESET');
    await sign();
  });

  test('a hang never answers, and does not hold up closing', async () => {
    const own = await startKms();
    const { url: endpoint, region, credentials } = own;
    const hanging = new KMSClient({ endpoint, region, credentials: credentials.signer, maxAttempts: 1 });
    const describeKey = new DescribeKeyCommand({ KeyId: 'alias/evm' });
    own.faults.add({ kind: 'hang', operation: '*', times: 2 });
    const left = () => own.faults.state().faults[0]?.times ?? 0;
    const patience = new AbortController();
    const impatient = expect(hanging.send(describeKey, { abortSignal: patience.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    while (left() > 1) await setImmediate();
    patience.abort();
    await impatient;
    const patient = expect(hanging.send(describeKey)).rejects.toThrow(/ECONNRESET|socket hang up/);
    while (left() > 0) await setImmediate();
    await own.close();
    await patient;
    hanging.destroy();
  });

  test.each([
    ['wrong-signature', stellar, 64],
    ['malformed-signature', stellar, 63],
    ['wrong-signature', evm, undefined],
    ['malformed-signature', evm, undefined],
  ] as const)('%s', async (kind, input, bytes) => {
    const { Signature: right } = await sign(input);
    expect(await isValid(input, right)).toBe(true);
    kms.faults.add({ kind, times: 1 });
    const { Signature: wrong } = await sign(input);
    expect(await isValid(input, wrong)).toBe(false);
    if (bytes !== undefined) expect(wrong).toHaveLength(bytes);
  });

  test.each(['high-s', 'low-s'] as const)('%s is a valid signature all the same', async (kind) => {
    kms.faults.add({ kind });
    const signatures = await Promise.all(Array.from({ length: 12 }, () => sign()));
    for (const { Signature = new Uint8Array() } of signatures) {
      expect(secp256k1.Signature.fromBytes(Signature, 'der').hasHighS()).toBe(kind === 'high-s');
      expect(await isValid(evm, Signature)).toBe(true);
    }
    expect((await sign(stellar)).Signature).toHaveLength(64);
  });

  test('latency is added to every answer', async () => {
    kms.faults.set({ latencyMs: 60 });
    const start = performance.now();
    await sign();
    expect(performance.now() - start).toBeGreaterThanOrEqual(59);
  });

  test('a quota throttles what is beyond it, and only signing', async () => {
    kms.faults.set({ quotaPerSecond: 5 });
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => sign(stellar)));
    const names = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.name] : []));
    expect(new Set(names)).toEqual(new Set(['ThrottlingException']));
    expect(names.length).toBeLessThanOrEqual(35);
    expect(names.length).toBeGreaterThan(0);
    await client.send(new DescribeKeyCommand({ KeyId: 'alias/evm' }));
  });

  test('what is no fault is refused', () => {
    expect(() => kms.faults.add({ kind: 'error', code: 'MadeUp' } as unknown as Fault)).toThrow('code');
    expect(() => kms.faults.set({ latencyMs: -1 })).toThrow('latencyMs');
  });
});

describe('the administration paths', () => {
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${kms.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as { events: { requestParameters: object }[] } };
  };

  test('faults are read, replaced, added and cleared over HTTP', async () => {
    const fault = { kind: 'error', code: 'ThrottlingException' };
    expect(await ask('PUT', '/_dev/faults', { latencyMs: 1, quotaPerSecond: 900 })).toMatchObject({ status: 200 });
    await ask('POST', '/_dev/faults', fault);
    expect(await ask('GET', '/_dev/faults')).toMatchObject({
      status: 200,
      body: { latencyMs: 1, quotaPerSecond: 900, faults: [{ ...fault, operation: 'Sign' }] },
    });
    await expect(sign()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect((await ask('DELETE', '/_dev/faults')).body).toEqual({ latencyMs: 0, clockOffsetMs: 0, faults: [] });
    await sign();
  });

  test.each([
    ['PUT', '/_dev/faults', { latency: 1 }],
    ['POST', '/_dev/faults', { kind: 'flood' }],
    ['GET', '/_dev/keys', undefined],
  ])('%s %s %j is a 400 that says why', async (method, path, body) => {
    expect(await ask(method, path, body)).toMatchObject({ status: 400, body: { error: expect.any(String) } });
  });

  test('events join a request id with what was asked, and never hold the message', async () => {
    await ask('DELETE', '/_dev/events');
    const { $metadata } = await sign();
    kms.faults.add({ kind: 'error', code: 'ThrottlingException', times: 1 });
    await sign(stellar).catch(() => undefined);
    const { body } = await ask('GET', '/_dev/events');
    expect(body.events).toEqual(JSON.parse(JSON.stringify(kms.events())));
    expect(body.events).toMatchObject([
      {
        eventName: 'Sign',
        eventSource: 'kms.amazonaws.com',
        requestID: $metadata.requestId,
        requestParameters: { keyId: 'alias/evm', messageType: 'DIGEST', signingAlgorithm: 'ECDSA_SHA_256' },
        responseElements: null,
        readOnly: true,
        resources: [{ ARN: kms.keys[1]?.arn }],
        userIdentity: { userName: 'countersign-signer', accessKeyId: kms.credentials.signer.accessKeyId },
      },
      { errorCode: 'ThrottlingException', resources: [{ ARN: kms.keys[0]?.arn }] },
    ]);
    expect(JSON.stringify(body)).not.toContain(digest.toString('base64'));
    expect(body.events[0]?.requestParameters).not.toHaveProperty('message');
  });
});
