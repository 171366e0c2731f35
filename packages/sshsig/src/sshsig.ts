import { createHash } from 'node:crypto';
import type { SshAlgorithm } from './algorithm.ts';
import { quote, SshsigError } from './error.ts';
import { fingerprintOf, readKeyBlob } from './key-blob.ts';
import { MAX_SSHSIG } from './limits.ts';
import { WireReader, wireString } from './wire.ts';

export { dearmor } from './armor.ts';

/** The key that made a signature. Whether it is one to listen to is the caller's question. */
export interface SigningKey {
  readonly algorithm: SshAlgorithm;
  /** As in `SshPublicKey`. */
  readonly blob: Uint8Array;
  readonly fingerprint: `SHA256:${string}`;
}

/** What a signature has to be of. */
export interface Signed {
  /** Exactly as given to `ssh-keygen -Y sign -n`. */
  readonly namespace: string;
  /** A string stands for its UTF-8. */
  readonly message: Uint8Array | string;
}

interface Sshsig {
  readonly key: Uint8Array;
  readonly namespace: string;
  readonly hash: 'sha256' | 'sha512';
  readonly signature: Uint8Array;
}

const MAGIC = 'SSHSIG';
const VERSION = 1;

/**
 * Verifies an SSH signature without its armor (PROTOCOL.sshsig of OpenSSH, version 1) over a message, against the public key
 * that stands in it. Of one value one encoding is accepted; but ECDSA itself gives each signature a twin (r, n−s) that is as
 * valid, so that the bytes of a signature identify nothing.
 *
 * @returns the key that signed.
 * @throws SshsigError TOO_LARGE, MALFORMED, NOT_CANONICAL, UNSUPPORTED_VERSION, UNSUPPORTED_ALGORITHM, UNSUPPORTED_HASH,
 * RESERVED_NOT_EMPTY, INVALID_KEY, NAMESPACE_DIFFERS, ALGORITHM_DIFFERS, SIGNATURE_INVALID
 */
export function verifySshsig(blob: Uint8Array, { namespace, message }: Signed): SigningKey {
  const sshsig = readSshsig(blob);
  if (sshsig.namespace !== namespace) {
    const got = quote(sshsig.namespace);
    throw new SshsigError('NAMESPACE_DIFFERS', `namespace: expected ${quote(namespace)}, got ${got}`);
  }
  const { algorithm, verifier } = readKeyBlob(sshsig.key);
  const signature = new WireReader('signature', sshsig.signature);
  const signedWith = signature.name('algorithm');
  if (signedWith !== algorithm) {
    throw new SshsigError('ALGORITHM_DIFFERS', `signature: expected ${algorithm}, got ${quote(signedWith)}`);
  }
  const content = new WireReader('signature', signature.string('content'));
  signature.end();
  if (!verifier.verifies(signedData(sshsig, message), content)) {
    throw new SshsigError('SIGNATURE_INVALID', 'signature: is not of this message by the key in it');
  }
  return { algorithm, blob: sshsig.key, fingerprint: fingerprintOf(sshsig.key) };
}

/**
 * The fingerprint of the key that a signature says it is by, without verifying anything: whether it is worth verifying.
 * @throws SshsigError as `verifySshsig` does for what is no signature.
 */
export function claimedFingerprint(blob: Uint8Array): SigningKey['fingerprint'] {
  return fingerprintOf(readSshsig(blob).key);
}

function readSshsig(blob: Uint8Array): Sshsig {
  if (blob.length > MAX_SSHSIG) {
    throw new SshsigError('TOO_LARGE', `sshsig: expected at most ${MAX_SSHSIG} bytes, got ${blob.length}`);
  }
  const reader = new WireReader('sshsig', blob);
  if (Buffer.from(reader.take('magic', MAGIC.length)).toString('latin1') !== MAGIC) {
    throw new SshsigError('MALFORMED', `sshsig: expected the bytes of an SSH signature, which begin with ${MAGIC}`);
  }
  const version = reader.uint32('version');
  if (version !== VERSION) {
    throw new SshsigError('UNSUPPORTED_VERSION', `version: expected ${VERSION}, got ${version}`);
  }
  const key = reader.string('public key');
  const namespace = reader.name('namespace');
  const reserved = reader.string('reserved');
  if (reserved.length > 0)
    throw new SshsigError('RESERVED_NOT_EMPTY', `reserved: expected 0 bytes, got ${reserved.length}`);
  const hash = reader.name('hash');
  if (hash !== 'sha256' && hash !== 'sha512') {
    throw new SshsigError('UNSUPPORTED_HASH', `hash: expected sha256 or sha512, got ${quote(hash)}`);
  }
  const signature = reader.string('signature');
  reader.end();
  return { key, namespace, hash, signature };
}

/** What the key signs: not the message, but its hash, bound to the namespace. */
function signedData({ namespace, hash }: Sshsig, message: Uint8Array | string): Uint8Array {
  const digest = createHash(hash).update(message).digest();
  return Buffer.concat([Buffer.from(MAGIC), ...[namespace, '', hash, digest].map(wireString)]);
}
