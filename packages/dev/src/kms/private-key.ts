import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { KeySpec } from './key-spec.ts';
import { KmsError } from './kms-error.ts';

/**
 * The 32 secret bytes of material that was imported: PKCS#8 (DER) for keys on curves, the bytes themselves for a symmetric key.
 * https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-conceptual.html
 * @throws KmsError `IncorrectKeyMaterialException` for material of another kind or curve
 */
export function secretOf(spec: Exclude<KeySpec, 'ECC_NIST_P256'>, material: Uint8Array): Uint8Array {
  if (spec === 'SYMMETRIC_DEFAULT') {
    if (material.length === 32) return material;
    throw incorrect(`32 bytes, got ${material.length}`);
  }
  const key = parse(material);
  const { crv, d } = key.export({ format: 'jwk' });
  const curve = spec === 'ECC_NIST_EDWARDS25519' ? 'Ed25519' : 'secp256k1';
  if (crv !== curve || d === undefined) throw incorrect(`a private key on ${curve}`);
  return Buffer.from(d, 'base64url');
}

function parse(material: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(material), format: 'der', type: 'pkcs8' });
  } catch {
    throw incorrect('a private key in PKCS#8');
  }
}

function incorrect(expected: string): KmsError {
  return new KmsError(
    'IncorrectKeyMaterialException',
    `The key material is not of the spec of the key: expected ${expected}.`,
  );
}
