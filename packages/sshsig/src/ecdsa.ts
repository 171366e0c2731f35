import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { SshAlgorithm, Verifier } from './algorithm.ts';
import { quote, SshsigError } from './error.ts';
import type { WireReader } from './wire.ts';

export type EcdsaAlgorithm = Exclude<SshAlgorithm, 'ssh-ed25519'>;

interface Curve {
  /** Its name in SSH, and in a JSON Web Key. */
  readonly name: string;
  readonly crv: string;
  /** Of a coordinate. */
  readonly bytes: number;
  readonly order: bigint;
  readonly hash: string;
}

// RFC 5656, sections 6.2.1 and 10.1; the orders are those of FIPS 186-4, appendix D.1.2.
const CURVES: Readonly<Record<EcdsaAlgorithm, Curve>> = {
  'ecdsa-sha2-nistp256': {
    name: 'nistp256',
    crv: 'P-256',
    bytes: 32,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    hash: 'sha256',
  },
  'ecdsa-sha2-nistp384': {
    name: 'nistp384',
    crv: 'P-384',
    bytes: 48,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    hash: 'sha384',
  },
  'ecdsa-sha2-nistp521': {
    name: 'nistp521',
    crv: 'P-521',
    bytes: 66,
    order:
      0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
    hash: 'sha512',
  },
};

/** The rest of a public key of ECDSA (RFC 5656, section 3.1): a point, uncompressed. @throws SshsigError MALFORMED, INVALID_KEY */
export function readEcdsaKey(algorithm: EcdsaAlgorithm, reader: WireReader): Verifier {
  const curve = CURVES[algorithm];
  const named = reader.name('curve');
  if (named !== curve.name) {
    throw new SshsigError('MALFORMED', `public key: expected the curve ${curve.name}, got ${quote(named)}`);
  }
  const point = reader.string('point');
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) {
    throw new SshsigError('MALFORMED', `public key: expected an uncompressed point of ${1 + 2 * curve.bytes} bytes`);
  }
  const key = keyObject(curve, Buffer.from(point));
  return {
    verifies: (message, signature) => {
      const numbers = [readNumber('r', curve, signature), readNumber('s', curve, signature)];
      signature.end();
      const raw = Buffer.concat(numbers);
      return verify(curve.hash, message, { key, dsaEncoding: 'ieee-p1363' }, raw);
    },
  };
}

function keyObject({ crv, bytes }: Curve, point: Buffer): KeyObject {
  const x = point.subarray(1, 1 + bytes).toString('base64url');
  const y = point.subarray(1 + bytes).toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'EC', crv, x, y }, format: 'jwk' });
  } catch (cause) {
    throw new SshsigError('INVALID_KEY', `public key: expected a point of ${crv}`, { cause });
  }
}

/** One of the two numbers of a signature (RFC 5656, section 3.1.2), in the width of the curve. */
function readNumber(name: string, { bytes, order }: Curve, reader: WireReader): Buffer {
  const value = reader.natural(name);
  if (value === 0n || value >= order) {
    throw new SshsigError('SIGNATURE_INVALID', `signature: ${name}: expected 1 up to the order of the curve`);
  }
  return Buffer.from(value.toString(16).padStart(2 * bytes, '0'), 'hex');
}
