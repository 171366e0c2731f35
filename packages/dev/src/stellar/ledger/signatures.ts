import { createPublicKey, verify as verifySignature } from 'node:crypto';
import type { DecoratedSignature } from '@stellar/stellar-sdk/xdr';
import { type Address, keyOf } from './address.ts';

export interface Signer {
  readonly key: Address;
  readonly weight: number;
}

/** The signatures of one envelope over one hash. Verification is remembered: it is asked for once an operation. */
export interface Signatures {
  readonly count: number;
  verifies(index: number, key: Address): boolean;
}

const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export function createSignatures(hash: Uint8Array, signatures: readonly DecoratedSignature[]): Signatures {
  const known = new Map<string, boolean>();
  return {
    count: signatures.length,
    verifies: (index, key) => {
      const id = `${index} ${key}`;
      const answer = known.get(id) ?? verifies(hash, signatures[index], key);
      known.set(id, answer);
      return answer;
    },
  };
}

function verifies(hash: Uint8Array, decorated: DecoratedSignature | undefined, address: Address): boolean {
  const key = keyOf(address);
  const signature = decorated?.signature.value;
  if (!decorated || signature?.length !== 64) return false;
  if (Buffer.compare(decorated.hint.value, key.subarray(-4)) !== 0) return false;
  const publicKey = createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, key]), format: 'der', type: 'spki' });
  return verifySignature(null, hash, publicKey, signature);
}

/** One validation's use of an envelope's signatures (stellar-core: SignatureChecker). */
export interface SignatureChecker {
  /**
   * Whether signatures of these signers add up to the needed weight. At least one must match, also for a weight
   * of 0. Stops at the first signature that is enough, so that later ones stay unused.
   */
  reaches(signers: readonly Signer[], neededWeight: number): boolean;
  /** False when a signature was needed by nobody: txBAD_AUTH_EXTRA. */
  allUsed(): boolean;
}

export function signatureChecker(signatures: Signatures): SignatureChecker {
  const used = new Set<number>();
  return {
    reaches: (signers, neededWeight) => {
      const left = [...signers];
      let weight = 0;
      for (let index = 0; index < signatures.count; index++) {
        const at = left.findIndex((signer) => signatures.verifies(index, signer.key));
        const signer = left[at];
        if (!signer) continue;
        used.add(index);
        weight += signer.weight;
        if (weight >= neededWeight) return true;
        left.splice(at, 1);
      }
      return false;
    },
    allUsed: () => used.size === signatures.count,
  };
}
