import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Tampering } from './faults.ts';
import { ed25519Material, type MessageType, secp256k1Material } from './key-material.ts';
import type { KmsKey } from './kms-key.ts';

/** What KMS would never answer, or only by chance: the signature as the fault wants it. */
export function tampered(
  tampering: Tampering | undefined,
  key: KmsKey,
  message: Uint8Array,
  messageType: MessageType,
  signature: Uint8Array,
): Uint8Array {
  const isEd25519 = key.spec === 'ECC_NIST_EDWARDS25519';
  switch (tampering) {
    case undefined:
      return signature;
    case 'wrong-signature':
      return (isEd25519 ? ed25519Material() : secp256k1Material()).sign(message, messageType);
    case 'malformed-signature':
      return signature.subarray(0, -1);
    case 'high-s':
    case 'low-s':
      return isEd25519 ? signature : withS(signature, tampering);
    default:
      return tampering satisfies never;
  }
}

function withS(der: Uint8Array, wanted: 'high-s' | 'low-s'): Uint8Array {
  const signature = secp256k1.Signature.fromBytes(der, 'der');
  if (signature.hasHighS() === (wanted === 'high-s')) return der;
  return new secp256k1.Signature(signature.r, secp256k1.Point.Fn.neg(signature.s)).toBytes('der');
}
