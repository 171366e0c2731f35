import { KMSServiceException, SignCommand, type SignCommandInput } from '@aws-sdk/client-kms';
import type { Algorithm } from '../../src/backend.ts';
import type { KmsUnderTest } from '../kms-under-test.ts';

/** One thing that AWS documents about KMS and that a signer meets, put as a question to a running KMS. */
export interface Rule {
  readonly title: string;
  /** What AWS's documents say: an error by its name. */
  readonly aws: string;
  /** Where they say so, below https://docs.aws.amazon.com. */
  readonly page: string;
  /** Curves without which there is no question. */
  readonly needs: readonly Algorithm[];
  /** @returns what this KMS does, in the words of `aws` */
  ask(kms: KmsUnderTest): Promise<string>;
}

export const API = '/kms/latest/APIReference';
export const GUIDE = '/kms/latest/developerguide';

export const DIGEST = new Uint8Array(32).fill(7);

/** How the signer asks for a signature by each algorithm. */
const USUAL = {
  ed25519: { SigningAlgorithm: 'ED25519_SHA_512', MessageType: 'RAW', Message: DIGEST },
  secp256k1: { SigningAlgorithm: 'ECDSA_SHA_256', MessageType: 'DIGEST', Message: DIGEST },
} as const satisfies Record<Algorithm, Omit<SignCommandInput, 'KeyId'>>;

export function keyOf(kms: KmsUnderTest, algorithm: Algorithm): string {
  const key = kms.keys.get(algorithm);
  if (key === undefined) throw new Error(`no ${algorithm} key here`);
  return key.id;
}

/** The usual Sign with something of it changed. */
export const sign = (kms: KmsUnderTest, algorithm: Algorithm, change: Partial<SignCommandInput> = {}) =>
  kms.signer.send(new SignCommand({ KeyId: keyOf(kms, algorithm), ...USUAL[algorithm], ...change }));

/** What became of a call: the name of KMS's error, or `an answer`. */
export async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'an answer';
  } catch (error) {
    if (error instanceof KMSServiceException) return error.name;
    throw error;
  }
}
