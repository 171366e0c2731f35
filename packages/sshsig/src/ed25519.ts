import { createPublicKey, verify } from 'node:crypto';
import type { Verifier } from './algorithm.ts';
import { SshsigError } from './error.ts';
import type { WireReader } from './wire.ts';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const P = 2n ** 255n - 19n;

// The y coordinates of the eight points of small order. Under such a key there are signatures that nobody made.
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
]);

/** The rest of a public key of `ssh-ed25519` (RFC 8709, section 4). @throws SshsigError MALFORMED, NOT_CANONICAL, INVALID_KEY */
export function readEd25519Key(reader: WireReader): Verifier {
  const key = reader.string('key');
  if (key.length !== KEY_BYTES) {
    throw new SshsigError('MALFORMED', `public key: expected ${KEY_BYTES} bytes, got ${key.length}`);
  }
  const y = BigInt(`0x${Buffer.from(key).reverse().toString('hex')}`) & (2n ** 255n - 1n);
  if (y >= P) throw new SshsigError('NOT_CANONICAL', 'public key: expected a coordinate below 2^255-19');
  if (SMALL_ORDER.has(y)) throw new SshsigError('INVALID_KEY', 'public key: expected no point of small order');
  const x = Buffer.from(key).toString('base64url');
  const keyObject = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return {
    verifies: (message, reader) => {
      const signature = reader.take('signature', SIGNATURE_BYTES);
      reader.end();
      return verify(null, message, keyObject, signature);
    },
  };
}
