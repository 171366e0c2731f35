import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export type SshSignerAlgorithm = 'ssh-ed25519' | 'ecdsa-sha2-nistp256' | 'ecdsa-sha2-nistp384' | 'ecdsa-sha2-nistp521';

/** Somebody with an SSH key, as `ssh-keygen -Y sign` is for a person: for tests that have approvers or operators. */
export interface SshSigner {
  /** The line of the `.pub` file. */
  readonly publicKey: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
  /** An SSHSIG without armor. */
  sign(namespace: string, message: string, hash?: 'sha256' | 'sha512'): Uint8Array;
  /** The same as text, as `ssh-keygen` writes it into a `.sig` file. */
  armored(namespace: string, message: string): string;
}

interface Curve {
  readonly crv: string;
  readonly name: string;
  readonly hash: string;
}

const CURVES: Readonly<Record<Exclude<SshSignerAlgorithm, 'ssh-ed25519'>, Curve>> = {
  'ecdsa-sha2-nistp256': { crv: 'P-256', name: 'nistp256', hash: 'sha256' },
  'ecdsa-sha2-nistp384': { crv: 'P-384', name: 'nistp384', hash: 'sha384' },
  'ecdsa-sha2-nistp521': { crv: 'P-521', name: 'nistp521', hash: 'sha512' },
};

/** A new key. `name` is the comment behind it. */
export function createSshSigner(name: string, algorithm: SshSignerAlgorithm = 'ssh-ed25519'): SshSigner {
  const { blob, content } = algorithm === 'ssh-ed25519' ? ed25519() : ecdsa(CURVES[algorithm]);
  const key = Buffer.concat([string(algorithm), blob]);
  const signer: SshSigner = {
    publicKey: `${algorithm} ${key.toString('base64')} ${name}`,
    fingerprint: `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`,
    sign: (namespace, message, hash = 'sha512') => {
      const head = [string(namespace), string(''), string(hash)];
      const digest = createHash(hash).update(message).digest();
      const signed = content(Buffer.concat([Buffer.from('SSHSIG'), ...head, string(digest)]));
      const signature = string(Buffer.concat([string(algorithm), string(signed)]));
      return Buffer.concat([Buffer.from('SSHSIG'), uint32(1), string(key), ...head, signature]);
    },
    armored: (namespace, message) => armor(signer.sign(namespace, message)),
  };
  return signer;
}

interface Scheme {
  /** What stands behind the algorithm in the public key. */
  readonly blob: Buffer;
  content(data: Buffer): Buffer;
}

function ed25519(): Scheme {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { blob: string(coordinate(publicKey, 'x')), content: (data) => sign(null, data, privateKey) };
}

function ecdsa({ crv, name, hash }: Curve): Scheme {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: crv });
  const point = Buffer.concat([Buffer.of(4), coordinate(publicKey, 'x'), coordinate(publicKey, 'y')]);
  return {
    blob: Buffer.concat([string(name), string(point)]),
    content: (data) => {
      const raw = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      return Buffer.concat([raw.subarray(0, raw.length / 2), raw.subarray(raw.length / 2)].map(mpint));
    },
  };
}

function coordinate(key: KeyObject, name: 'x' | 'y'): Buffer {
  return Buffer.from(key.export({ format: 'jwk' })[name] ?? '', 'base64url');
}

function armor(blob: Uint8Array): string {
  const lines =
    Buffer.from(blob)
      .toString('base64')
      .match(/.{1,70}/g) ?? [];
  return ['-----BEGIN SSH SIGNATURE-----', ...lines, '-----END SSH SIGNATURE-----', ''].join('\n');
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function string(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

function mpint(bytes: Buffer): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(first);
  return string((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short);
}
