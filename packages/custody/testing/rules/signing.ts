import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import type { Algorithm } from '../../src/backend.ts';
import type { KmsUnderTest } from '../kms-under-test.ts';
import { isHighS } from '../textbook.ts';
import { API, GUIDE, keyOf, outcome, type Rule, sign } from './rule.ts';

const SIGN = `${API}/API_Sign.html`;
const SHA_512_BYTES = 64;

/** What is signed, by which algorithm, and what comes back. */
export const SIGNING_RULES: readonly Rule[] = [
  {
    title: 'ECDSA_SHA_256 with DIGEST signs the 32 bytes as they are',
    aws: 'verified',
    page: SIGN,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const preimage = randomBytes(40);
      const Message = createHash('sha256').update(preimage).digest();
      return verified(kms, 'secp256k1', 'sha256', preimage, (await sign(kms, 'secp256k1', { Message })).Signature);
    },
  },
  {
    title: 'ECDSA_SHA_256 with RAW hashes the message once',
    aws: 'verified',
    page: SIGN,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const Message = randomBytes(40);
      const { Signature } = await sign(kms, 'secp256k1', { Message, MessageType: 'RAW' });
      return verified(kms, 'secp256k1', 'sha256', Message, Signature);
    },
  },
  {
    title: 'ED25519_SHA_512 with RAW is PureEdDSA of the message (RFC 8032)',
    aws: 'verified',
    page: SIGN,
    needs: ['ed25519'],
    ask: async (kms) => {
      const Message = randomBytes(32);
      return verified(kms, 'ed25519', null, Message, (await sign(kms, 'ed25519', { Message })).Signature);
    },
  },
  {
    title: 'ED25519_SHA_512 with DIGEST',
    aws: 'ValidationException',
    page: SIGN,
    needs: ['ed25519'],
    ask: (kms) => outcome(sign(kms, 'ed25519', { MessageType: 'DIGEST', Message: new Uint8Array(SHA_512_BYTES) })),
  },
  {
    title: 'ED25519_PH_SHA_512 with RAW',
    aws: 'ValidationException',
    page: SIGN,
    needs: ['ed25519'],
    ask: (kms) => outcome(sign(kms, 'ed25519', { SigningAlgorithm: 'ED25519_PH_SHA_512' })),
  },
  {
    title: 'ED25519_PH_SHA_512 with DIGEST',
    aws: 'an answer',
    page: SIGN,
    needs: ['ed25519'],
    ask: (kms) =>
      outcome(
        sign(kms, 'ed25519', {
          SigningAlgorithm: 'ED25519_PH_SHA_512',
          MessageType: 'DIGEST',
          Message: new Uint8Array(SHA_512_BYTES),
        }),
      ),
  },
  {
    title: 'an algorithm that is not the key’s: ECDSA_SHA_384 with secp256k1',
    aws: 'InvalidKeyUsageException',
    page: SIGN,
    needs: ['secp256k1'],
    ask: (kms) => outcome(sign(kms, 'secp256k1', { SigningAlgorithm: 'ECDSA_SHA_384', Message: new Uint8Array(48) })),
  },
  {
    title: 'a DIGEST of 31 bytes for ECDSA_SHA_256',
    aws: 'ValidationException',
    page: SIGN,
    needs: ['secp256k1'],
    ask: (kms) => outcome(sign(kms, 'secp256k1', { Message: new Uint8Array(31) })),
  },
  {
    title: 'a RAW message of 4,097 bytes',
    aws: 'ValidationException',
    page: SIGN,
    needs: ['secp256k1'],
    ask: (kms) => outcome(sign(kms, 'secp256k1', { Message: new Uint8Array(4097), MessageType: 'RAW' })),
  },
  {
    title: 'DryRun of a Sign that would work',
    aws: 'DryRunOperationException',
    page: `${GUIDE}/testing-permissions.html`,
    needs: ['secp256k1'],
    ask: (kms) => outcome(sign(kms, 'secp256k1', { DryRun: true })),
  },
  {
    // X9.62 asks for no half of the order: what a signer has to expect is both.
    title: 'S of 64 ECDSA signatures',
    aws: 'high and low',
    page: SIGN,
    needs: ['secp256k1'],
    ask: async (kms) => {
      const answers = await Promise.all(Array.from({ length: 64 }, () => sign(kms, 'secp256k1')));
      const halves = new Set(answers.map(({ Signature }) => isHighS(Signature ?? new Uint8Array())));
      return halves.size === 2 ? 'high and low' : `only ${halves.has(true) ? 'high' : 'low'}`;
    },
  },
];

/** By OpenSSL, with the key that GetPublicKey gives. */
async function verified(
  kms: KmsUnderTest,
  algorithm: Algorithm,
  hash: 'sha256' | null,
  message: Uint8Array,
  signature: Uint8Array = new Uint8Array(),
): Promise<string> {
  const { PublicKey = new Uint8Array() } = await kms.signer.send(
    new GetPublicKeyCommand({ KeyId: keyOf(kms, algorithm) }),
  );
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: 'der', type: 'spki' });
  return verify(hash, message, key, signature) ? 'verified' : 'not verified';
}
