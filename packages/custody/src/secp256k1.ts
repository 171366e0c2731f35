import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { SignatureChecker } from './checker.ts';
import { CustodyError } from './error.ts';

const { Point, Signature } = secp256k1;
const scalars = Point.Fn;
const HALF_ORDER = scalars.ORDER / 2n;

/** Window of the table of multiples: a third of the time of a check without one, for some 20 ms a key when it is opened. */
const TABLE_BITS = 6;

/**
 * ECDSA verification (SEC 1, 4.1.4) that keeps the point it computes: R = u₁G + u₂Q is the signer's nonce point, so its
 * x must be r and the parity of its y is the recovery id. One double multiplication verifies and recovers at once.
 */
export function secp256k1Checker(publicKey: Uint8Array): SignatureChecker {
  const key = Point.fromBytes(publicKey).precompute(TABLE_BITS);
  // Makes the table. `precompute` itself would make the one of secret scalars, which no check uses.
  key.multiplyUnsafe(2n);
  return (message, raw) => {
    const { r, s: given } = parseDer(raw);
    const s = given > HALF_ORDER ? scalars.neg(given) : given;
    const inverse = scalars.inv(s);
    const digest = scalars.create(BigInt(`0x${Buffer.from(message).toString('hex')}`));
    const { x, y } = Point.BASE.multiplyUnsafe(scalars.mul(digest, inverse))
      .add(key.multiplyUnsafe(scalars.mul(r, inverse)))
      .toAffine();
    // An x at or above the order would need recovery id 2 or 3, which no chain takes: r must be x itself.
    if (x !== r) {
      throw new CustodyError('SIGNATURE_INVALID', 'secp256k1 signature: does not verify under the pinned public key');
    }
    const signature = new Uint8Array(65);
    signature.set(scalars.toBytes(r), 0);
    signature.set(scalars.toBytes(s), 32);
    signature[64] = Number(y & 1n);
    return signature;
  };
}

/** r and s of a canonical DER signature, each in 1…n-1; any other spelling of the same numbers is refused. */
function parseDer(raw: Uint8Array): { readonly r: bigint; readonly s: bigint } {
  try {
    return Signature.fromBytes(raw, 'der');
  } catch (cause) {
    throw new CustodyError(
      'SIGNATURE_INVALID',
      `secp256k1 signature: expected canonical DER of r and s, got ${raw.length} other bytes`,
      { cause },
    );
  }
}
