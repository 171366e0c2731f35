import type { Algorithm } from '../../src/backend.ts';
import { ALGORITHMS } from '../kms-under-test.ts';
import { KEY_RULES } from './keys.ts';
import { MATERIAL_RULES } from './material.ts';
import type { Rule } from './rule.ts';
import { SIGNING_RULES } from './signing.ts';
import { WIRE_RULES } from './wire.ts';

export const RULES: readonly Rule[] = [...WIRE_RULES, ...KEY_RULES, ...MATERIAL_RULES, ...SIGNING_RULES];

export type KmsName = 'dev KMS' | 'local-kms' | 'ministack';

/** The curves that each of them has. */
export const CURVES: Readonly<Record<KmsName, readonly Algorithm[]>> = {
  'dev KMS': ALGORITHMS,
  'local-kms': ['secp256k1'],
  ministack: ALGORITHMS,
};

/**
 * Where a KMS of the suite does otherwise than AWS documents, by the title of the rule. docs/kms-emulators.md shows the
 * same rows. A test holds each KMS to exactly this: a difference that is gone fails it as one that is new does.
 */
export const DIFFERENCES: Readonly<Record<KmsName, Readonly<Record<string, string>>>> = {
  'dev KMS': {
    'CreateKey of ECC_NIST_P256 for SIGN_VERIFY': 'ValidationException',
    'ED25519_PH_SHA_512 with DIGEST': 'UnsupportedOperationException',
  },
  'local-kms': {
    'the request id of an answer': 'none',
    'the request id of an error': 'none',
    'a signature (SigV4) by another secret': 'an answer',
    'an access key that does not exist': 'an answer',
    'a request without a signature (SigV4)': 'an answer',
    'Sign with a key for key agreement': 'no such key: ValidationException',
    'the state of a key whose deletion was canceled': 'Enabled',
    'Sign with a key that waits for its material': 'no such key: ValidationException',
    'the public key of material that was imported by RSA_AES_KEY_WRAP_SHA_256': 'no such key: ValidationException',
    'other material than the first, imported into one key': 'no such key: ValidationException',
    'material of another curve': 'no such key: ValidationException',
    'Decrypt by another key than the one of the ciphertext': 'InvalidCiphertextException',
    'DryRun of a Sign that would work': 'an answer',
  },
  ministack: {
    'a signature (SigV4) by another secret': 'an answer',
    'an access key that does not exist': 'an answer',
    'a request without a signature (SigV4)': 'an answer',
    'Sign with a key for key agreement': 'an answer',
    'other material than the first, imported into one key': 'an answer',
    'Decrypt by another key than the one of the ciphertext': 'an answer',
    'ED25519_SHA_512 with DIGEST': 'UnsupportedOperationException',
    'ED25519_PH_SHA_512 with RAW': 'UnsupportedOperationException',
    'ED25519_PH_SHA_512 with DIGEST': 'UnsupportedOperationException',
    'a RAW message of 4,097 bytes': 'an answer',
    'DryRun of a Sign that would work': 'an answer',
  },
};

/** The questions that a KMS can be asked, by the curves that it has. */
export const rulesFor = (name: KmsName): readonly Rule[] =>
  RULES.filter(({ needs }) => needs.every((algorithm) => CURVES[name].includes(algorithm)));

/** What a KMS of the suite is held to. */
export const expectedOf = (name: KmsName, rule: Rule): string => DIFFERENCES[name][rule.title] ?? rule.aws;
