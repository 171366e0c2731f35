import { type KeyObject, randomBytes } from 'node:crypto';
import type { KmsKey } from './kms-key.ts';
import type { WrappingAlgorithm } from './wrapping.ts';

/** What an import token stands for. */
export interface IssuedImport {
  readonly key: KmsKey;
  readonly algorithm: WrappingAlgorithm;
  readonly privateKey: KeyObject;
  readonly validTo: Date;
}

export interface Imports {
  issue(issued: IssuedImport): Buffer;
  find(token: Uint8Array): IssuedImport | undefined;
}

const TOKEN_BYTES = 32;

export function createImports(): Imports {
  const issuedBy = new Map<string, IssuedImport>();
  return {
    issue(issued) {
      const token = randomBytes(TOKEN_BYTES);
      issuedBy.set(token.toString('hex'), issued);
      return token;
    },
    find: (token) => issuedBy.get(Buffer.from(token).toString('hex')),
  };
}
