import { generateKeyPairSync, sign } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Algorithm, Backend } from '../src/backend.ts';
import type { FaultyProxy } from './faulty-proxy.ts';
import { withHighS } from './textbook.ts';

/** What the suite signs while there is trouble. */
export const TROUBLED = new Uint8Array(32).fill(7);

/** Trouble that a part, or what stands before it, can make; what it cannot is absent. It lasts until `calm`. */
export interface Trouble {
  /** Every call is one too many. */
  readonly busy?: () => void;
  /** It says of itself that it is in trouble. */
  readonly broken?: () => void;
  readonly silent?: () => void;
  /** It is away: a token that was pulled out. */
  readonly away?: () => Promise<void>;
  /** Another key has signed `TROUBLED`. */
  readonly anotherKey?: () => void;
  readonly malformed?: () => void;
  /** S in the upper half of the order; secp256k1 alone. */
  readonly highS?: () => void;
  calm(): Promise<void> | void;
}

/** Keys that no signer may use: each opens one, or tries to. */
export interface UnfitKeys {
  readonly ofAnotherCurve?: () => Promise<Backend>;
  readonly forAnotherUse?: () => Promise<Backend>;
  readonly disabled?: () => Promise<Backend>;
  readonly awaitingDeletion?: () => Promise<Backend>;
  readonly missing?: () => Promise<Backend>;
}

/** How a backend that speaks HTTP says it. */
export interface Dialect {
  readonly busy: { readonly status: number; readonly body: string };
  readonly broken: { readonly status: number; readonly body: string };
  /** The answer with another signature in it. */
  replace(text: string, change: (signature: Buffer) => Uint8Array): string;
}

/** All of it by a proxy, so that every server of a dialect meets the same. */
export function troubleBy(proxy: () => FaultyProxy, dialect: Dialect, algorithm: Algorithm): Trouble {
  const change = (of: (signature: Buffer) => Uint8Array) => () =>
    proxy().fault({ kind: 'change', change: (text) => dialect.replace(text, of) });
  return {
    busy: () => proxy().fault({ kind: 'answer', ...dialect.busy }),
    broken: () => proxy().fault({ kind: 'answer', ...dialect.broken }),
    silent: () => proxy().fault({ kind: 'hang' }),
    anotherKey: change(() => signedByAnother(algorithm)),
    malformed: change((signature) => signature.subarray(0, -1)),
    ...(algorithm === 'secp256k1' ? { highS: change(withHighS) } : {}),
    calm: () => proxy().clear(),
  };
}

function signedByAnother(algorithm: Algorithm): Uint8Array {
  if (algorithm === 'ed25519') return sign(null, TROUBLED, generateKeyPairSync('ed25519').privateKey);
  return secp256k1.sign(TROUBLED, secp256k1.utils.randomSecretKey(), { prehash: false, format: 'der' });
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
export const KMS_DIALECT: Dialect = {
  busy: { status: 400, body: '{"__type":"ThrottlingException","message":"too many"}' },
  broken: { status: 500, body: '{"__type":"KMSInternalException","message":"trouble"}' },
  replace: (text, change) =>
    text.replace(/(?<="Signature": ?")[^"]+/, (base64) =>
      Buffer.from(change(Buffer.from(base64, 'base64'))).toString('base64'),
    ),
};

/** https://developer.hashicorp.com/vault/api-docs/secret/transit#sign-data */
export const VAULT_DIALECT: Dialect = {
  busy: { status: 429, body: '{"errors":["request path: rate limit quota exceeded"]}' },
  broken: { status: 503, body: '{"errors":["Vault is sealed"]}' },
  replace: (text, change) =>
    text.replace(/(?<=vault:v\d+:)[^"]+/, (base64) =>
      Buffer.from(change(Buffer.from(base64, 'base64'))).toString('base64'),
    ),
};
