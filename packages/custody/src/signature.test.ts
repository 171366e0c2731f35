import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import fc from 'fast-check';
import { checkedSignature, prepareChecker } from './signature.ts';

const ORDER = secp256k1.Point.Fn.ORDER;
const HALF = ORDER / 2n;

// Keys and signatures from OpenSSL, which signs the SHA-256 of a preimage: that hash is the message here.
const evm = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
const evmPublic = secp256k1.Point.fromBytes(
  evm.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65),
).toBytes(true);
const preimage = randomBytes(100);
const message = createHash('sha256').update(preimage).digest();
const ecdsa = (data = preimage) => new Uint8Array(sign('sha256', data, evm.privateKey));

const stellar = generateKeyPairSync('ed25519');
const stellarPublic = new Uint8Array(stellar.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));

const check = (raw: Uint8Array, digest: Uint8Array = message) => checkedSignature('secp256k1', evmPublic, digest, raw);
const INVALID = expect.objectContaining({ name: 'CustodyError', code: 'SIGNATURE_INVALID', retryable: false });
const bytes32 = (value: bigint) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex');

describe('ed25519', () => {
  test('what OpenSSL signs passes as it is, in a copy of its own', () => {
    const raw = new Uint8Array(sign(null, message, stellar.privateKey));
    const checked = checkedSignature('ed25519', stellarPublic, message, raw);
    expect(checked).toEqual(raw);
    raw.fill(0);
    expect(verify(null, message, stellar.publicKey, checked)).toBe(true);
  });

  test('one bit changed anywhere does not pass', () => {
    const raw = sign(null, message, stellar.privateKey);
    fc.assert(
      fc.property(fc.nat(511), (bit) => {
        const changed = new Uint8Array(raw);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => checkedSignature('ed25519', stellarPublic, message, changed)).toThrow(INVALID);
      }),
    );
  });

  test('S plus the order of the group, the same number written again, does not pass', () => {
    const raw = Buffer.from(sign(null, message, stellar.privateKey));
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = BigInt(`0x${Buffer.from(raw.subarray(32)).reverse().toString('hex')}`) + order;
    const malleated = Buffer.concat([raw.subarray(0, 32), bytes32(s).reverse()]);
    expect(() => checkedSignature('ed25519', stellarPublic, message, malleated)).toThrow(INVALID);
  });

  test.each([0, 63, 65, 128])('%d bytes do not pass', (length) => {
    expect(() => checkedSignature('ed25519', stellarPublic, message, new Uint8Array(length))).toThrow(INVALID);
  });

  test("another key's signature, and one of another message, do not pass", () => {
    const other = sign(null, message, generateKeyPairSync('ed25519').privateKey);
    expect(() => checkedSignature('ed25519', stellarPublic, message, other)).toThrow(INVALID);
    const elsewhere = sign(null, randomBytes(32), stellar.privateKey);
    expect(() => checkedSignature('ed25519', stellarPublic, message, elsewhere)).toThrow(INVALID);
  });

  test.each([
    ['the identity, which verifies anything', `01${'00'.repeat(31)}`],
    ['a point of order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['bytes that are no point', `02${'00'.repeat(31)}`],
    ['a y that is not reduced', `ee${'ff'.repeat(30)}7f`],
    ['31 bytes', '00'.repeat(31)],
  ])('%s is no public key', (_, hex) => {
    const raw = sign(null, message, stellar.privateKey);
    const key = Buffer.from(hex, 'hex');
    expect(() => checkedSignature('ed25519', key, message, raw)).toThrow(
      expect.objectContaining({ code: 'MISCONFIGURED' }),
    );
  });
});

describe('secp256k1', () => {
  test('what OpenSSL signs comes out as r‖s‖v, S low, v leading back to the key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (data) => {
        const digest = createHash('sha256').update(data).digest();
        const raw = ecdsa(Buffer.from(data));
        const checked = check(raw, digest);
        const { r, s } = secp256k1.Signature.fromBytes(raw, 'der');
        expect(checked).toHaveLength(65);
        expect(Buffer.from(checked.subarray(0, 32))).toEqual(bytes32(r));
        expect(Buffer.from(checked.subarray(32, 64))).toEqual(bytes32(s > HALF ? ORDER - s : s));
        const recovered = Buffer.concat([checked.subarray(64), checked.subarray(0, 64)]);
        expect(secp256k1.recoverPublicKey(recovered, digest, { prehash: false })).toEqual(evmPublic);
        const p1363 = { key: evm.publicKey, dsaEncoding: 'ieee-p1363' } as const;
        expect(verify('sha256', data, p1363, checked.subarray(0, 64))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('high S and low S of one signature come out the same', () => {
    const { r, s } = secp256k1.Signature.fromBytes(ecdsa(), 'der');
    const [one, other] = [s, ORDER - s].map((half) => check(new secp256k1.Signature(r, half).toBytes('der')));
    expect(one).toEqual(other);
  });

  test('both parities of the nonce point occur', () => {
    const parities = new Set(Array.from({ length: 40 }, () => check(ecdsa())[64]));
    expect([...parities].sort()).toEqual([0, 1]);
  });

  test('every change of the bytes is refused, or is another way to say the same', () => {
    const raw = ecdsa();
    const right = check(raw);
    fc.assert(
      fc.property(mutation(raw), (changed) => {
        fc.pre(!Buffer.from(changed).equals(raw));
        expect(readsAsDer(changed) && isSame(changed, right)).toBe(passes(changed));
      }),
      { numRuns: 400 },
    );
  });

  const r1 = '0201' + '01';
  test.each<[string, string]>([
    ['nothing', ''],
    ['a sequence without integers', '3000'],
    ['r alone', `3003${r1}`],
    ['three integers', `3009${r1}${r1}${r1}`],
    ['r = 0', `3006020100${r1}`],
    ['s = 0', `3006${r1}020100`],
    ['a negative r', `3006020181${r1}`],
    ['a leading zero that is not needed', `300702020001${r1}`],
    ['an empty integer', `30050200${r1}`],
    ['a long form of the length', `308106${r1}${r1}`],
    ['an indefinite length', `3080${r1}${r1}0000`],
    ['a byte after the end', `3006${r1}${r1}00`],
    ['a byte after the end, inside the sequence', `3007${r1}${r1}00`],
    ['another tag for the sequence', `3106${r1}${r1}`],
    ['another tag for r', `3006030101${r1}`],
    ['r at the order', `30260221${`00${ORDER.toString(16)}`}${r1}`],
    ['64 bytes of r and s', `${'01'.repeat(64)}`],
  ])('%s is no signature', (_, hex) => {
    expect(() => check(Buffer.from(hex, 'hex'))).toThrow(INVALID);
  });

  test("another key's signature, and one of another message, do not pass", () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey;
    expect(() => check(sign('sha256', preimage, other))).toThrow(INVALID);
    expect(() => check(ecdsa(randomBytes(10)))).toThrow(INVALID);
  });

  test.each([31, 33])('a digest of %d bytes is refused', (bytes) => {
    expect(() => check(ecdsa(), randomBytes(bytes))).toThrow(expect.objectContaining({ code: 'REFUSED' }));
  });

  test.each([
    ['an uncompressed key', () => secp256k1.Point.fromBytes(evmPublic).toBytes(false)],
    ['an x that is on no point', () => Buffer.from(`02${'00'.repeat(31)}05`, 'hex')],
  ])('%s is no pinned key', (_, key) => {
    expect(() => checkedSignature('secp256k1', key(), message, ecdsa())).toThrow(
      expect.objectContaining({ code: 'MISCONFIGURED' }),
    );
  });
});

test('however many keys there are, each one is prepared once, and checks its own signatures', () => {
  const raw = sign(null, message, stellar.privateKey);
  const keys = Array.from({ length: 100 }, () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    return new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
  });
  const checkers = [stellarPublic, ...keys].map((key) => [key, prepareChecker('ed25519', key)] as const);
  for (const [key, checker] of checkers) {
    expect(prepareChecker('ed25519', key)).toBe(checker);
    if (key === stellarPublic) expect(checker(message, raw)).toHaveLength(64);
    else expect(() => checker(message, raw)).toThrow(INVALID);
  }
});

test('a key of secp256k1 is prepared before its first check, and not by it', () => {
  const raw = ecdsa();
  // The least of several: what else runs here only adds to it.
  const took = Array.from({ length: 6 }, () => {
    const start = performance.now();
    const checker = prepareChecker('secp256k1', new Uint8Array(evmPublic));
    const prepared = performance.now();
    checker(message, raw);
    return { preparing: prepared - start, checking: performance.now() - prepared };
  });
  const [preparing, checking] = (['preparing', 'checking'] as const).map((part) =>
    Math.min(...took.map((one) => one[part])),
  );
  expect(checking).toBeLessThan((preparing ?? 0) / 3);
});

test('a key that was prepared for one curve is none of the other', () => {
  prepareChecker('ed25519', stellarPublic);
  expect(() => checkedSignature('secp256k1', stellarPublic, message, ecdsa())).toThrow(
    expect.objectContaining({ code: 'MISCONFIGURED' }),
  );
});

test('what is written over a key that was prepared changes nothing', () => {
  const key = new Uint8Array(stellarPublic);
  prepareChecker('ed25519', key);
  key.set(evmPublic.subarray(1));
  expect(checkedSignature('ed25519', key, message, sign(null, message, stellar.privateKey))).toHaveLength(64);
});

function passes(raw: Uint8Array): boolean {
  try {
    check(raw);
    return true;
  } catch {
    return false;
  }
}

/** A byte changed, dropped, doubled or inserted; an end cut off; zeros before an integer. */
function mutation(raw: Uint8Array): fc.Arbitrary<Uint8Array> {
  const at = fc.nat(raw.length - 1);
  const spliced = (start: number, drop: number, ...insert: number[]) =>
    Uint8Array.from([...raw.subarray(0, start), ...insert, ...raw.subarray(start + drop)]);
  return fc.oneof(
    fc.tuple(at, fc.nat(255)).map(([index, byte]) => spliced(index, 1, byte)),
    at.map((index) => spliced(index, 1)),
    fc.tuple(at, fc.nat(255)).map(([index, byte]) => spliced(index, 0, byte)),
    at.map((length) => raw.slice(0, length)),
    fc.uint8Array({ minLength: 1, maxLength: 4 }).map((tail) => Uint8Array.from([...raw, ...tail])),
    fc.constant(flipped(raw)),
    fc.constant(zeroBeforeR(raw)),
  );
}

/** The same r with the other S: the one change that has to pass. */
function flipped(raw: Uint8Array): Uint8Array {
  const { r, s } = secp256k1.Signature.fromBytes(raw, 'der');
  return new secp256k1.Signature(r, ORDER - s).toBytes('der');
}

function zeroBeforeR(raw: Uint8Array): Uint8Array {
  const [tag = 0, length = 0, integer = 0, rLength = 0, ...rest] = raw;
  return Uint8Array.from([tag, length + 1, integer, rLength + 1, 0, ...rest]);
}

/** BIP 66's own check of the encoding, without the byte for the hash type. */
function readsAsDer(sig: Uint8Array): boolean {
  const at = (index: number) => sig[index] ?? -1;
  if (sig.length < 8 || sig.length > 72 || at(0) !== 0x30 || at(1) !== sig.length - 2) return false;
  const [lengthR, lengthS] = [at(3), at(5 + at(3))];
  if (5 + lengthR >= sig.length || lengthR + lengthS + 6 !== sig.length) return false;
  if (at(2) !== 0x02 || lengthR === 0 || at(4) & 0x80) return false;
  if (lengthR > 1 && at(4) === 0 && !(at(5) & 0x80)) return false;
  if (at(lengthR + 4) !== 0x02 || lengthS === 0 || at(lengthR + 6) & 0x80) return false;
  return !(lengthS > 1 && at(lengthR + 6) === 0 && !(at(lengthR + 7) & 0x80));
}

/** Whether the integers of well-formed DER are r and ±s of the signature that is right. */
function isSame(sig: Uint8Array, right: Uint8Array): boolean {
  const lengthR = sig[3] ?? 0;
  const [r, s] = [sig.subarray(4, 4 + lengthR), sig.subarray(6 + lengthR)].map((bytes) =>
    BigInt(`0x${Buffer.from(bytes).toString('hex')}`),
  );
  const [rightR, rightS] = [right.subarray(0, 32), right.subarray(32, 64)].map((bytes) =>
    BigInt(`0x${Buffer.from(bytes).toString('hex')}`),
  );
  return r === rightR && (s === rightS || s === ORDER - (rightS ?? 0n));
}
