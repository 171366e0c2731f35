import { createSshSigner } from '@countersign/dev/ssh-signer';
import { describe, expect, test } from '@jest/globals';
import { ed25519 } from '@noble/curves/ed25519.js';
import { REFUSED_KEYS, VECTORS } from '../testing/vectors.ts';
import { parsePublicKey } from './public-key.ts';
import { wireString } from './wire.ts';

const code = (value: string) => expect.objectContaining({ name: 'SshsigError', code: value });
const blobOf = (...fields: readonly (Uint8Array | string)[]) => Buffer.concat(fields.map((field) => wireString(field)));
const lineOf = (name: string, ...fields: readonly (Uint8Array | string)[]) =>
  `${name} ${blobOf(name, ...fields).toString('base64')} x`;

describe('the line of a .pub file', () => {
  test.each(VECTORS)('of $algorithm is read, with the fingerprint that ssh-keygen shows', (vector) => {
    const { algorithm, fingerprint, publicKey } = vector;
    const [, base64 = '', ...comment] = publicKey.split(' ');
    const key = parsePublicKey(publicKey);
    expect({ ...key, blob: Buffer.from(key.blob).toString('base64') }).toEqual({
      algorithm,
      blob: base64,
      fingerprint,
      comment: comment.join(' '),
    });
  });

  const { publicKey } = createSshSigner('alice@example.org');
  const [name = '', base64 = ''] = publicKey.split(' ');

  test('may lack a comment, or have one in any language', () => {
    expect(parsePublicKey(`${name} ${base64}`).comment).toBe('');
    expect(parsePublicKey(`${name} ${base64} Zoë, second key`).comment).toBe('Zoë, second key');
  });

  test.each(Object.entries(REFUSED_KEYS))('of %s is refused by its name', (_, line) => {
    expect(() => parsePublicKey(line)).toThrow(code('UNSUPPORTED_ALGORITHM'));
  });

  test.each([
    ['sk-ssh-ed25519@openssh.com'],
    ['sk-ecdsa-sha2-nistp256@openssh.com'],
    ['ssh-ed25519-cert-v01@openssh.com'],
    ['ssh-ed448'],
    ['SSH-ED25519'],
  ])('of %s is refused by its name', (other) => {
    expect(() => parsePublicKey(lineOf(other, Buffer.alloc(32, 7), 'ssh:'))).toThrow(code('UNSUPPORTED_ALGORITHM'));
  });

  test.each([
    ['nothing', ''],
    ['a name alone', name],
    ['no name', base64],
    ['two spaces', `${name}  ${base64}`],
    ['a tab', `${name}\t${base64}`],
    ['a space before it', ` ${publicKey}`],
    ['a line end', `${publicKey}\n`],
    ['a second line', `${publicKey}\n${publicKey}`],
    ['a line end of Windows', `${publicKey}\r`],
    ['an invisible sign in the comment', `${publicKey}\u202e`],
    ['base64 for URLs', `${name} ${base64.replace(/[+/A]/, '-')}`],
    ['the name of another algorithm', `ecdsa-sha2-nistp256 ${base64} x`],
  ])('with %s is refused', (_, line) => {
    expect(() => parsePublicKey(line)).toThrow(code('MALFORMED'));
  });

  test('with options, as in authorized_keys, is refused', () => {
    expect(() => parsePublicKey(`no-pty ${publicKey}`)).toThrow(code('UNSUPPORTED_ALGORITHM'));
  });

  test('is refused when it is long', () => {
    expect(() => parsePublicKey(`${publicKey} ${'x'.repeat(8192)}`)).toThrow(code('TOO_LARGE'));
    expect(() => parsePublicKey(`${name} ${Buffer.alloc(600).toString('base64')}`)).toThrow(code('TOO_LARGE'));
  });

  test('has one base64, and one encoding behind it', () => {
    const p521 = createSshSigner('x', 'ecdsa-sha2-nistp521').publicKey.split(' ')[1] ?? '';
    expect(p521).toMatch(/[^=]==$/);
    expect(() => parsePublicKey(`ecdsa-sha2-nistp521 ${p521.slice(0, -2)}`)).toThrow(code('NOT_CANONICAL'));
    const spare = `${p521.slice(0, -3)}${String.fromCharCode(p521.charCodeAt(p521.length - 3) + 1)}==`;
    expect(() => parsePublicKey(`ecdsa-sha2-nistp521 ${spare}`)).toThrow(code('NOT_CANONICAL'));
    expect(() => parsePublicKey(lineOf(name, Buffer.alloc(32, 7), 'more'))).toThrow(code('MALFORMED'));
    expect(() => parsePublicKey(lineOf(name, Buffer.alloc(33, 7)))).toThrow(code('MALFORMED'));
  });
});

describe('a key of Ed25519 that verifies what nobody signed', () => {
  const { Point } = ed25519;
  // The multiples of a point of order 8 are all points of small order.
  const generator = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
  const points = Array.from({ length: 8 }, (_, i) => generator.multiplyUnsafe(BigInt(i)).toBytes());

  test('is refused, all eight', () => {
    expect(new Set(points.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(8);
    for (const bytes of points) {
      expect(() => parsePublicKey(lineOf('ssh-ed25519', bytes))).toThrow(code('INVALID_KEY'));
      const otherSign = new Uint8Array(bytes);
      otherSign[31] = (otherSign[31] ?? 0) ^ 0x80;
      expect(() => parsePublicKey(lineOf('ssh-ed25519', otherSign))).toThrow(code('INVALID_KEY'));
    }
  });

  test('and so is every coordinate that is not below the prime', () => {
    for (let above = 0n; above < 19n; above++) {
      const bytes = Buffer.from((2n ** 255n - 19n + above).toString(16), 'hex').reverse();
      expect(() => parsePublicKey(lineOf('ssh-ed25519', bytes))).toThrow(code('NOT_CANONICAL'));
    }
  });
});

describe('a key of ECDSA', () => {
  const [name, curve] = ['ecdsa-sha2-nistp256', 'nistp256'];
  const { blob } = parsePublicKey(createSshSigner('x', 'ecdsa-sha2-nistp256').publicKey);
  const point = Buffer.from(blob.slice(-65));

  test('is a point of the curve that it names, uncompressed', () => {
    expect(parsePublicKey(lineOf(name, curve, point)).blob).toEqual(blob);
    const off = Buffer.from(point);
    off[64] = (off[64] ?? 0) ^ 1;
    expect(() => parsePublicKey(lineOf(name, curve, off))).toThrow(code('INVALID_KEY'));
    const above = Buffer.concat([Buffer.of(4), Buffer.alloc(64, 255)]);
    expect(() => parsePublicKey(lineOf(name, curve, above))).toThrow(code('INVALID_KEY'));
    expect(() => parsePublicKey(lineOf(name, 'nistp384', point))).toThrow(code('MALFORMED'));
    const compressed = Buffer.concat([Buffer.of(2 + ((point[64] ?? 0) & 1)), point.subarray(1, 33)]);
    expect(() => parsePublicKey(lineOf(name, curve, compressed))).toThrow(code('MALFORMED'));
    const hybrid = Buffer.concat([Buffer.of(6 + ((point[64] ?? 0) & 1)), point.subarray(1)]);
    expect(() => parsePublicKey(lineOf(name, curve, hybrid))).toThrow(code('MALFORMED'));
    expect(() => parsePublicKey(lineOf(name, curve, Buffer.of(0)))).toThrow(code('MALFORMED'));
  });
});
