export type KeySpec = 'ECC_NIST_EDWARDS25519' | 'ECC_SECG_P256K1' | 'ECC_NIST_P256' | 'SYMMETRIC_DEFAULT';
export type KeyUsage = 'SIGN_VERIFY' | 'KEY_AGREEMENT' | 'ENCRYPT_DECRYPT';

/** The one usage that this emulator has for each spec. */
export const USAGE_OF = {
  ECC_NIST_EDWARDS25519: 'SIGN_VERIFY',
  ECC_SECG_P256K1: 'SIGN_VERIFY',
  ECC_NIST_P256: 'KEY_AGREEMENT',
  SYMMETRIC_DEFAULT: 'ENCRYPT_DECRYPT',
} as const satisfies Record<KeySpec, KeyUsage>;

/** What KMS lists for each spec that this emulator knows (API reference, KeyMetadata). */
export const SIGNING_ALGORITHMS: Readonly<Record<KeySpec, readonly string[]>> = {
  ECC_NIST_EDWARDS25519: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
  ECC_SECG_P256K1: ['ECDSA_SHA_256'],
  ECC_NIST_P256: [],
  SYMMETRIC_DEFAULT: [],
};
