import type { SignCommandInput } from '@aws-sdk/client-kms';
import type { Algorithm } from '../backend.ts';

/** How each algorithm is spelled in KMS (API reference: CreateKey KeySpec; Sign SigningAlgorithm and MessageType). */
export const KMS_TERMS = {
  // RAW: PureEdDSA signs the message itself, and the message of a Stellar signature is the transaction's hash.
  ed25519: { keySpec: 'ECC_NIST_EDWARDS25519', signing: { SigningAlgorithm: 'ED25519_SHA_512', MessageType: 'RAW' } },
  // DIGEST: the digest is keccak-256, which KMS does not know; to KMS it is 32 bytes that are hashed already.
  secp256k1: { keySpec: 'ECC_SECG_P256K1', signing: { SigningAlgorithm: 'ECDSA_SHA_256', MessageType: 'DIGEST' } },
} as const satisfies Record<
  Algorithm,
  { keySpec: string; signing: Pick<SignCommandInput, 'SigningAlgorithm' | 'MessageType'> }
>;
