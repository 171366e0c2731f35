import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { type Kms, startKms } from '@countersign/dev/kms';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Algorithm, Backend } from './backend.ts';
import type { CustodyError } from './error.ts';
import { openRegistry, type Registry } from './registry.ts';
import { checkedSignature } from './signature.ts';

/** RFC 8032, 7.1, test 2; and the secret key 2, whose public key is 2G. */
const KEYS: Readonly<Record<Algorithm, { readonly secret: string; readonly public: string }>> = {
  ed25519: {
    secret: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    public: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  },
  secp256k1: {
    secret: '0000000000000000000000000000000000000000000000000000000000000002',
    public: '02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5',
  },
};
const ALGORITHMS = ['ed25519', 'secp256k1'] as const;

let kms: Kms;
let registry: Registry;
beforeAll(async () => {
  kms = await startKms({
    keys: ALGORITHMS.map((algorithm) => ({
      alias: `alias/${algorithm}`,
      algorithm,
      privateKey: KEYS[algorithm].secret,
    })),
  });
  const keys = ALGORITHMS.map(
    (algorithm) =>
      [
        algorithm,
        {
          algorithm,
          public_key: KEYS[algorithm].public,
          custodies: {
            legacy: { backend: 'env', variable: `${algorithm.toUpperCase()}_SEED` },
            kms: { backend: 'aws-kms', key: `alias/${algorithm}` },
          },
        },
      ] as const,
  );
  registry = await openRegistry(
    { keys: Object.fromEntries(keys) },
    { ED25519_SEED: KEYS.ed25519.secret, SECP256K1_SEED: KEYS.secp256k1.secret },
    {
      mode: 'development',
      endpoint: kms.url,
      region: kms.region,
      credentials: kms.credentials.signer,
      attemptTimeoutMs: 25_000,
    },
  );
});
afterAll(async () => {
  await registry.close();
  await kms.close();
});

function backendOf(path: 'legacy' | 'kms', algorithm: Algorithm): Backend {
  const backend = registry.keys.get(algorithm)?.custodies[path];
  if (backend === undefined) throw new Error(`no ${path} custody of ${algorithm}`);
  return backend;
}

const soon = () => AbortSignal.timeout(25_000);

describe.each(
  ALGORITHMS.flatMap((algorithm) => [['legacy', 'env', algorithm] as const, ['kms', 'aws-kms', algorithm] as const]),
)('the contract of a backend: %s (%s), %s', (path, name, algorithm) => {
  const publicKey = Buffer.from(KEYS[algorithm].public, 'hex');

  test('says what it is, and has the public key of its secret', () => {
    const backend = backendOf(path, algorithm);
    expect(backend).toMatchObject({ name, algorithm });
    expect(Buffer.from(backend.publicKey)).toEqual(publicKey);
  });

  test('signs a digest; OpenSSL verifies it, and the textbook recovers the key', async () => {
    for (let round = 0; round < 4; round++) {
      const preimage = randomBytes(40);
      const message = createHash('sha256').update(preimage).digest();
      const { signature: raw, attempts } = await backendOf(path, algorithm).sign(message, soon());
      const signature = checkedSignature(algorithm, publicKey, message, raw);
      expectVerified(algorithm, publicKey, preimage, message, signature);
      expect(attempts).toEqual([
        {
          backend: name,
          startedAt: expect.any(Date),
          durationMs: expect.any(Number),
          outcome: 'succeeded',
          ...(path === 'kms' ? { requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) } : {}),
        },
      ]);
      expect(attempts[0]?.durationMs).toBeGreaterThan(0);
    }
  });

  test.each([0, 31, 33, 64])('a message of %d bytes is refused before anything is asked', async (bytes) => {
    const before = kms.events().length;
    await expect(backendOf(path, algorithm).sign(new Uint8Array(bytes), soon())).rejects.toMatchObject({
      name: 'CustodyError',
      code: 'REFUSED',
      retryable: false,
      attempts: [],
      message: `message: expected 32 bytes, got ${bytes}`,
    } satisfies Partial<CustodyError>);
    expect(kms.events()).toHaveLength(before);
  });

  test('after its deadline it does not begin', async () => {
    await expect(backendOf(path, algorithm).sign(new Uint8Array(32), AbortSignal.abort())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: true,
      attempts: [],
    });
  });

  test('64 in flight: each gets the signature of its own message, under one deadline', async () => {
    const deadline = soon();
    const messages = Array.from({ length: 64 }, () => randomBytes(32));
    const answers = await Promise.all(messages.map((message) => backendOf(path, algorithm).sign(message, deadline)));
    answers.forEach(({ signature, attempts }, index) => {
      const message = messages[index] ?? new Uint8Array();
      expect(() => checkedSignature(algorithm, publicKey, message, signature)).not.toThrow();
      expect(attempts).toHaveLength(1);
    });
    const requestIds = answers.flatMap(({ attempts }) => attempts.flatMap(({ requestId }) => requestId ?? []));
    expect(new Set(requestIds).size).toBe(path === 'kms' ? 64 : 0);
  });
});

/** Verified by OpenSSL over the preimage; for secp256k1 also S low, and the public key recovered from v. */
function expectVerified(
  algorithm: Algorithm,
  publicKey: Buffer,
  preimage: Buffer,
  message: Buffer,
  signature: Uint8Array,
) {
  if (algorithm === 'ed25519') {
    const key = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: publicKey.toString('base64url') },
      format: 'jwk',
    });
    expect(signature).toHaveLength(64);
    expect(verify(null, message, key, signature)).toBe(true);
    return;
  }
  const [r, s, v] = [number(signature.subarray(0, 32)), number(signature.subarray(32, 64)), signature[64] ?? 9];
  expect(signature).toHaveLength(65);
  expect(s <= ORDER / 2n).toBe(true);
  const [x, y] = recover(number(message), r, s, v);
  expect(Buffer.from(publicKey.subarray(1))).toEqual(bytes32(x));
  expect(publicKey[0]).toBe(2 + Number(y & 1n));
  const key = createPublicKey({
    key: { kty: 'EC', crv: 'secp256k1', x: bytes32(x).toString('base64url'), y: bytes32(y).toString('base64url') },
    format: 'jwk',
  });
  expect(verify('sha256', preimage, { key, dsaEncoding: 'ieee-p1363' }, signature.subarray(0, 64))).toBe(true);
}

// Public key recovery as SEC 1, 4.1.6 writes it, in affine coordinates: slow, and nothing of it is shared with the code.
const FIELD = 2n ** 256n - 2n ** 32n - 977n;
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const BASE: Point = [
  0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
];
type Point = readonly [x: bigint, y: bigint];

function recover(digest: bigint, r: bigint, s: bigint, v: number): Point {
  const root = power(r ** 3n + 7n, (FIELD + 1n) / 4n, FIELD);
  const nonce: Point = [r, Number(root & 1n) === v ? root : FIELD - root];
  const perR = inverse(r, ORDER);
  return add(times(mod(s * perR, ORDER), nonce), times(mod(-digest * perR, ORDER), BASE));
}

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const [rise, run] = x1 === x2 ? [3n * x1 * x1, 2n * y1] : [y2 - y1, x2 - x1];
  const slope = mod(rise * inverse(run, FIELD), FIELD);
  const x = mod(slope * slope - x1 - x2, FIELD);
  return [x, mod(slope * (x1 - x) - y1, FIELD)];
}

function times(scalar: bigint, point: Point): Point {
  let sum: Point | undefined;
  for (let rest = scalar, doubled = point; rest > 0n; rest >>= 1n, doubled = add(doubled, doubled)) {
    if (rest & 1n) sum = sum === undefined ? doubled : add(sum, doubled);
  }
  return sum ?? [0n, 0n];
}

/** By Euclid. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [left, right, x, y] = [mod(value, modulus), modulus, 1n, 0n];
  while (left > 1n) {
    const quotient = right / left;
    [left, right, x, y] = [right - quotient * left, left, y - quotient * x, x];
  }
  return mod(x, modulus);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, square = mod(base, modulus); rest > 0n; rest >>= 1n, square = (square * square) % modulus) {
    if (rest & 1n) result = (result * square) % modulus;
  }
  return result;
}

const mod = (value: bigint, modulus: bigint) => ((value % modulus) + modulus) % modulus;
const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytes32 = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');
