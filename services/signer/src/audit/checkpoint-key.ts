import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { keyFingerprint } from '@countersign/audit/checkpoint';
import type { KeysConfig } from '@countersign/custody/keys-config';
import { ConfigError } from '@countersign/runtime/config';
import { readPrivateText } from '@countersign/runtime/private-file';

/** The key that signs checkpoints and nothing else. */
export interface CheckpointKey {
  readonly privateKey: KeyObject;
  readonly fingerprint: string;
  /** Public keys by their fingerprint: its own, and those that signed before it. */
  readonly known: ReadonlyMap<string, KeyObject>;
}

const VARIABLE = 'AUDIT_CHECKPOINT_KEY_FILE';
const BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]*-----END \1-----/g;

/**
 * Reads an Ed25519 private key (PKCS#8, PEM), and behind it, in the same file, the public keys (SPKI, PEM) that it follows.
 * @throws ConfigError where other users may read or write the file, or the key is one that signs transactions.
 */
export function readCheckpointKey(file: string, { keys }: KeysConfig): CheckpointKey {
  const blocks = [...readPrivateText(file, VARIABLE).matchAll(BLOCK)].map(([pem, kind]) => ({ pem, kind }));
  const [first, ...earlier] = blocks;
  if (first?.kind !== 'PRIVATE KEY' || earlier.some(({ kind }) => kind !== 'PUBLIC KEY')) {
    throw refused('expected one PRIVATE KEY (PKCS#8, PEM), and behind it only PUBLIC KEYs');
  }
  const privateKey = ed25519(() => createPrivateKey(first.pem));
  const publicKeys = [createPublicKey(privateKey), ...earlier.map(({ pem }) => ed25519(() => createPublicKey(pem)))];
  const raw = publicKeys.map((key) => key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex'));
  for (const [id, { public_key }] of Object.entries(keys)) {
    if (raw.includes(public_key.toLowerCase())) throw refused(`key ${id} signs transactions: take one of its own`);
  }
  return {
    privateKey,
    fingerprint: keyFingerprint(privateKey),
    known: new Map(publicKeys.map((key) => [keyFingerprint(key), key])),
  };
}

function ed25519(read: () => KeyObject): KeyObject {
  try {
    const key = read();
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // Its message may hold a part of the file.
  }
  throw refused('expected keys of Ed25519');
}

const refused = (problem: string) => new ConfigError([{ where: VARIABLE, problem }]);
