import { createPrivateKey, createPublicKey, sign as signWithOpenSsl } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { withAttempts } from '../attempts.ts';
import type { Algorithm, Backend } from '../backend.ts';
import { CustodyError } from '../error.ts';
import { assertMessage } from '../message.ts';
import { readSeed } from './seed.ts';

const NAME = 'env';

/** PKCS#8 of an Ed25519 seed (RFC 8410, section 7): these bytes, then the seed. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

interface Key {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
  forget(): void;
}

/**
 * Opens a key whose seed stands in the environment: the legacy custody, where whoever reads this process's memory has
 * the key. Accepted: for ed25519 a Stellar secret seed (`S…`) or 64 hex digits, for secp256k1 64 hex digits with or
 * without `0x`.
 * @throws CustodyError `MISCONFIGURED`, naming the variable and never its value
 */
export function openEnvBackend(algorithm: Algorithm, variable: string, env: NodeJS.ProcessEnv): Backend {
  const text = env[variable];
  if (!text) throw new CustodyError('MISCONFIGURED', `${variable}: expected a seed, got nothing`);
  const seed = readSeed(algorithm, variable, text);
  let key: Key | undefined = algorithm === 'ed25519' ? ed25519Key(seed) : secp256k1Key(seed);
  const { publicKey } = key;

  return {
    name: NAME,
    algorithm,
    publicKey,
    async sign(message, signal) {
      assertMessage(message);
      const held = key;
      if (held === undefined) throw new CustodyError('REFUSED', `${NAME}: the key of ${variable} is closed`);
      const { value, attempts } = await withAttempts(NAME, signal, async () => ({
        ok: true,
        value: held.sign(message),
      }));
      return { signature: value, attempts };
    },
    async close() {
      key?.forget();
      key = undefined;
    },
  };
}

function ed25519Key(seed: Uint8Array): Key {
  const der = Buffer.alloc(PKCS8_PREFIX.length + seed.length);
  der.set(PKCS8_PREFIX);
  der.set(seed, PKCS8_PREFIX.length);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  seed.fill(0);
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(spki.subarray(-32)),
    sign: (message) => signWithOpenSsl(null, message, privateKey),
    // OpenSSL overwrites it once it is collected: nobody refers to it any more.
    forget() {},
  };
}

/** RFC 6979: the same digest gives the same signature. OpenSSL through node:crypto would hash the digest once more. */
function secp256k1Key(secret: Uint8Array): Key {
  return {
    publicKey: secp256k1.getPublicKey(secret, true),
    sign: (message) => secp256k1.sign(message, secret, { prehash: false, format: 'der' }),
    forget: () => secret.fill(0),
  };
}
