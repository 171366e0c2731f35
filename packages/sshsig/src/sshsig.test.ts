import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createSshSigner, type SshSignerAlgorithm } from '@countersign/dev/ssh-signer';
import { describe, expect, test } from '@jest/globals';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import fc from 'fast-check';
import { APPROVAL_TEXT, RSA_SIGNATURE, VECTORS } from '../testing/vectors.ts';
import { dearmor, verifySshsig } from './sshsig.ts';
import { wireString } from './wire.ts';

const code = (value: string) => expect.objectContaining({ name: 'SshsigError', code: value });
const uint32 = (value: number) => wireString(new Uint8Array(value)).slice(0, 4);
const concat = (...parts: readonly (Uint8Array | string)[]) =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
const signatureOf = ({ armored }: { armored: string }) => dearmor(armored)[0] ?? new Uint8Array();

const NAMESPACE = 'countersign-approval';
const SIGNED = { namespace: NAMESPACE, message: APPROVAL_TEXT };
const ALGORITHMS: readonly SshSignerAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
];

describe.each(VECTORS)('a signature that OpenSSH made with $algorithm and $hash', (vector) => {
  const { namespace, message } = vector;
  const blob = signatureOf(vector);

  test('is accepted, as one of its key', () => {
    const { algorithm, fingerprint, publicKey } = vector;
    const key = verifySshsig(blob, { namespace, message });
    expect({ algorithm: key.algorithm, fingerprint: key.fingerprint }).toEqual({ algorithm, fingerprint });
    expect(Buffer.from(key.blob).toString('base64')).toBe(publicKey.split(' ')[1]);
    expect(verifySshsig(blob, { namespace, message: Buffer.from(message) })).toEqual(key);
  });

  test('is refused with any of its bytes changed', () => {
    for (const at of blob.keys()) {
      const changed = new Uint8Array(blob);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(() => verifySshsig(changed, { namespace, message })).toThrow(
        expect.objectContaining({ name: 'SshsigError' }),
      );
    }
  });

  test('is refused cut short anywhere, and with a byte behind it', () => {
    for (const length of blob.keys()) {
      expect(() => verifySshsig(blob.slice(0, length), { namespace, message })).toThrow(code('MALFORMED'));
    }
    expect(() => verifySshsig(concat(blob, Buffer.of(0)), { namespace, message })).toThrow(code('MALFORMED'));
  });

  test('is refused for another message or namespace', () => {
    expect(() => verifySshsig(blob, { namespace, message: `${message}\n` })).toThrow(code('SIGNATURE_INVALID'));
    expect(() => verifySshsig(blob, { namespace, message: '' })).toThrow(code('SIGNATURE_INVALID'));
    for (const other of ['', 'git', `${namespace}2`, namespace.slice(1)]) {
      expect(() => verifySshsig(blob, { namespace: other, message })).toThrow(code('NAMESPACE_DIFFERS'));
    }
  });
});

test.each(ALGORITHMS)('%s: any message is accepted under its own key, and no other message', (algorithm) => {
  const signer = createSshSigner('x', algorithm);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.constantFrom('sha256', 'sha512'),
      (message, other, hash) => {
        const blob = signer.sign(NAMESPACE, message, hash);
        expect(verifySshsig(blob, { namespace: NAMESPACE, message }).fingerprint).toBe(signer.fingerprint);
        fc.pre(message !== other);
        expect(() => verifySshsig(blob, { namespace: NAMESPACE, message: other })).toThrow(code('SIGNATURE_INVALID'));
      },
    ),
    { numRuns: 30 },
  );
});

test('bytes that are no signature are refused with a code, whatever they are', () => {
  const start = concat('SSHSIG', uint32(1));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, likely) => {
      const blob = likely ? concat(start, bytes) : bytes;
      expect(() => verifySshsig(blob, SIGNED)).toThrow(expect.objectContaining({ name: 'SshsigError' }));
    }),
    { numRuns: 1000 },
  );
});

/** The fields of a signature, so that one of them can be written otherwise, and then signed rightly all the same. */
function written(
  fields: {
    readonly magic?: string;
    readonly version?: number;
    readonly key?: Uint8Array;
    readonly reserved?: string;
    readonly hash?: string;
    readonly signatureAlgorithm?: string;
    content?(raw: Buffer): Uint8Array;
    readonly behindContent?: Uint8Array;
  } = {},
): Uint8Array {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const { magic = 'SSHSIG', version = 1, reserved = '', hash = 'sha512' } = fields;
  const key = fields.key ?? concat(wireString('ssh-ed25519'), wireString(raw));
  const digest = createHash(hash).update(APPROVAL_TEXT).digest();
  const head = [NAMESPACE, reserved, hash].map((part) => wireString(part));
  const signature = sign(null, concat('SSHSIG', ...head, wireString(digest)), privateKey);
  const content = fields.content?.(signature) ?? signature;
  const named = wireString(fields.signatureAlgorithm ?? 'ssh-ed25519');
  const whole = concat(named, wireString(content), fields.behindContent ?? '');
  return concat(magic, uint32(version), wireString(key), ...head, wireString(whole));
}

describe('a signature written in another way', () => {
  test('is refused for that way alone', () => {
    expect(verifySshsig(written(), SIGNED).algorithm).toBe('ssh-ed25519');
  });

  const rsa = concat(wireString('ssh-rsa'), wireString(Buffer.of(1, 0, 1)), wireString(Buffer.alloc(257, 1)));
  const sk = concat(wireString('sk-ssh-ed25519@openssh.com'), wireString(Buffer.alloc(32, 7)), wireString('ssh:'));
  const certificate = concat(wireString('ssh-ed25519-cert-v01@openssh.com'), wireString(Buffer.alloc(32, 7)));
  const ed25519 = (bytes: Uint8Array) => concat(wireString('ssh-ed25519'), wireString(bytes));

  test.each([
    ['another magic', { magic: 'SSHSIH' }, 'MALFORMED'],
    ['version 0', { version: 0 }, 'UNSUPPORTED_VERSION'],
    ['version 2', { version: 2 }, 'UNSUPPORTED_VERSION'],
    ['something reserved', { reserved: 'x' }, 'RESERVED_NOT_EMPTY'],
    ['SHA-1', { hash: 'sha1' }, 'UNSUPPORTED_HASH'],
    ['SHA-384', { hash: 'sha384' }, 'UNSUPPORTED_HASH'],
    ['an RSA key', { key: rsa }, 'UNSUPPORTED_ALGORITHM'],
    ['a hardware key', { key: sk }, 'UNSUPPORTED_ALGORITHM'],
    ['a certificate', { key: certificate }, 'UNSUPPORTED_ALGORITHM'],
    ['a key of 31 bytes', { key: ed25519(Buffer.alloc(31, 7)) }, 'MALFORMED'],
    ['a key with more behind it', { key: concat(ed25519(Buffer.alloc(32, 7)), Buffer.of(0)) }, 'MALFORMED'],
    ['a key of small order', { key: ed25519(Buffer.alloc(32, 0)) }, 'INVALID_KEY'],
    ['a key above the prime', { key: ed25519(Buffer.alloc(32, 255)) }, 'NOT_CANONICAL'],
    ['another algorithm than its key’s', { signatureAlgorithm: 'ecdsa-sha2-nistp256' }, 'ALGORITHM_DIFFERS'],
    ['63 bytes', { content: (raw: Buffer) => raw.subarray(1) }, 'MALFORMED'],
    ['65 bytes', { content: (raw: Buffer) => concat(raw, Buffer.of(0)) }, 'MALFORMED'],
    ['more behind the signature', { behindContent: Buffer.of(0) }, 'MALFORMED'],
    ['S of more than the group’s order', { content: plusOrder }, 'SIGNATURE_INVALID'],
    ['5 KiB', { content: () => Buffer.alloc(5000) }, 'TOO_LARGE'],
  ])('%s', (_, fields, expected) => {
    expect(() => verifySshsig(written(fields), SIGNED)).toThrow(code(expected));
  });

  test('and one of RSA by OpenSSH', () => {
    expect(() => verifySshsig(signatureOf({ armored: RSA_SIGNATURE }), SIGNED)).toThrow(code('UNSUPPORTED_ALGORITHM'));
  });
});

/** The same S modulo the order of the group: a second signature, to who does not look. */
function plusOrder(raw: Buffer): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(raw.subarray(32)).reverse().toString('hex')}`) + order;
  return concat(raw.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse());
}

describe.each([
  ['ecdsa-sha2-nistp256', p256],
  ['ecdsa-sha2-nistp384', p384],
  ['ecdsa-sha2-nistp521', p521],
] as const)('the two numbers of %s', (algorithm, curve) => {
  const signer = createSshSigner('x', algorithm);
  const order = curve.Point.CURVE().n;
  const blob = signer.sign(NAMESPACE, APPROVAL_TEXT);
  const fields = Buffer.from(blob);
  // Behind the algorithm of the signature: its content, which is r and s.
  const inner = fields.lastIndexOf(algorithm) + algorithm.length;
  const rLength = fields.readUInt32BE(inner + 4);
  const r = fields.subarray(inner + 8, inner + 8 + rLength);
  const s = fields.subarray(inner + 12 + rLength);
  const head = fields.subarray(0, fields.lastIndexOf(algorithm) - 8);
  const withNumbers = (...numbers: readonly Uint8Array[]) => {
    const content = concat(...numbers.map((number) => wireString(number)));
    return concat(head, wireString(concat(wireString(algorithm), wireString(content))));
  };
  const mpint = (value: bigint) => {
    const hex = value.toString(16);
    const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
    return (bytes[0] ?? 0) >= 0x80 ? concat(Buffer.of(0), bytes) : bytes;
  };
  const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

  test('are accepted as they are', () => {
    expect(withNumbers(r, s)).toEqual(new Uint8Array(blob));
    expect(verifySshsig(withNumbers(mpint(numberOf(r)), mpint(numberOf(s))), SIGNED).algorithm).toBe(algorithm);
  });

  test('have a twin, which ECDSA admits, of the same key', () => {
    const twin = withNumbers(r, mpint(order - numberOf(s)));
    expect(verifySshsig(twin, SIGNED).fingerprint).toBe(signer.fingerprint);
  });

  test.each([
    ['a leading zero', concat(Buffer.of(0), r), s, 'NOT_CANONICAL'],
    ['a leading zero in the second', r, concat(Buffer.of(0), s), 'NOT_CANONICAL'],
    ['zero', new Uint8Array(), s, 'SIGNATURE_INVALID'],
    ['zero, written out', r, Buffer.of(0), 'NOT_CANONICAL'],
    ['zero as the second', r, new Uint8Array(), 'SIGNATURE_INVALID'],
    ['a negative number', Buffer.of(0x80), s, 'MALFORMED'],
    ['the order', mpint(order), s, 'SIGNATURE_INVALID'],
    ['one and the order', r, mpint(order + 1n), 'SIGNATURE_INVALID'],
    ['s with the order added', r, mpint(numberOf(s) + order), 'SIGNATURE_INVALID'],
    ['r below the order, and wrong', mpint(order - 1n), s, 'SIGNATURE_INVALID'],
    ['s below the order, and wrong', r, mpint(order - 1n), 'SIGNATURE_INVALID'],
  ])('are refused as %s', (_, first, second, expected) => {
    expect(() => verifySshsig(withNumbers(first, second), SIGNED)).toThrow(code(expected));
  });

  test('are two, not three', () => {
    expect(() => verifySshsig(withNumbers(r, s, Buffer.of(1)), SIGNED)).toThrow(code('MALFORMED'));
    expect(() => verifySshsig(withNumbers(r), SIGNED)).toThrow(code('MALFORMED'));
  });
});

describe('armor', () => {
  const [{ armored }] = [VECTORS[0] ?? { armored: '' }];
  const [begin = '', ...rest] = armored.trimEnd().split('\n');
  const lines = rest.slice(0, -1);
  const end = rest.at(-1) ?? '';

  test('gives every signature of a text, in its order', () => {
    const text = VECTORS.map((vector) => vector.armored).join('\n');
    expect(dearmor(text)).toEqual(VECTORS.map(signatureOf));
    expect(dearmor('')).toEqual([]);
    expect(dearmor('\n\n')).toEqual([]);
    expect(dearmor(armored.trimEnd())).toEqual(dearmor(armored));
  });

  test('may be broken into other lines', () => {
    const base64 = lines.join('');
    const wide = [begin, ...(base64.match(/.{1,76}/g) ?? []), end].join('\n');
    expect(dearmor(wide)).toEqual(dearmor(armored));
  });

  test.each([
    ['no beginning', [...lines, end], 'MALFORMED'],
    ['no end', [begin, ...lines], 'MALFORMED'],
    ['nothing in it', [begin, end], 'MALFORMED'],
    ['an empty line in it', [begin, '', ...lines, end], 'MALFORMED'],
    ['a line of 77', [begin, 'A'.repeat(77), end], 'MALFORMED'],
    ['two beginnings', [begin, begin, ...lines, end], 'MALFORMED'],
    ['text before it', ['hello', begin, ...lines, end], 'MALFORMED'],
    ['text behind it', [begin, ...lines, end, 'hello'], 'MALFORMED'],
    ['spaces at a line end', [begin, ...lines.map((line) => `${line} `), end], 'MALFORMED'],
    ['line ends of Windows', [begin, ...lines, end].map((line) => `${line}\r`), 'MALFORMED'],
    ['base64 for URLs', [begin, 'ab-_', end], 'MALFORMED'],
    ['padding in the middle', [begin, 'YQ==', 'YQ==', end], 'MALFORMED'],
    ['padding that lacks', [begin, 'YWE', end], 'NOT_CANONICAL'],
    ['spare bits that say something', [begin, 'YWF=', end], 'NOT_CANONICAL'],
    [
      '4097 bytes',
      [
        begin,
        ...(Buffer.alloc(4097)
          .toString('base64')
          .match(/.{1,76}/g) ?? []),
        end,
      ],
      'TOO_LARGE',
    ],
    ['300 KiB', Array.from({ length: 5000 }, () => 'A'.repeat(60)), 'TOO_LARGE'],
  ])('is refused with %s', (_, text, expected) => {
    expect(() => dearmor(text.join('\n'))).toThrow(code(expected));
  });
});
