import type { Algorithm } from '../backend.ts';

export interface CurveTerms {
  /** CKA_KEY_TYPE. */
  readonly keyType: { readonly name: string; readonly value: number };
  /** CKA_EC_PARAMS: the spellings of the curve, in DER; the first is the one that a key is made with. */
  readonly params: readonly [Buffer, ...Buffer[]];
  readonly sign: { readonly name: string; readonly value: number };
  readonly generate: { readonly name: string; readonly value: number };
}

/** How each algorithm is spelled in PKCS#11 v3.1: sections 6.3.3 (ECDSA keys), 6.3.5 (Edwards keys), 6.3.12 (ECDSA), 6.3.14 (EdDSA). */
export const CURVE_TERMS: Readonly<Record<Algorithm, CurveTerms>> = {
  ed25519: {
    keyType: { name: 'CKK_EC_EDWARDS', value: 0x40 },
    // The OID 1.3.101.112 of RFC 8410, or the curve's name as a PrintableString.
    params: [Buffer.from('06032b6570', 'hex'), Buffer.from('\x13\x0cedwards25519', 'latin1')],
    // Without a parameter this is PureEdDSA (RFC 8032) over the message itself.
    sign: { name: 'CKM_EDDSA', value: 0x1057 },
    generate: { name: 'CKM_EC_EDWARDS_KEY_PAIR_GEN', value: 0x1055 },
  },
  secp256k1: {
    keyType: { name: 'CKK_EC', value: 0x3 },
    params: [Buffer.from('06052b8104000a', 'hex')],
    // Over a digest that is made already, of any length, silently: that it is 32 bytes was checked before.
    sign: { name: 'CKM_ECDSA', value: 0x1041 },
    generate: { name: 'CKM_EC_KEY_PAIR_GEN', value: 0x1040 },
  },
};
