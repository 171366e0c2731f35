import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A key that signs checkpoints of the audit log, as PEM: PKCS#8, and SPKI for whoever verifies the log. */
export function generateCheckpointKey(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/** Where the signer writes its audit log, and the key that vouches for it. */
export interface AuditFiles {
  readonly log: string;
  readonly checkpointKey: string;
  readonly checkpointPublicKey: string;
}

/** Makes the key; the signer makes the log. */
export async function writeAuditFiles(dir: string): Promise<AuditFiles> {
  const { privateKey, publicKey } = generateCheckpointKey();
  const files = {
    log: join(dir, 'audit.jsonl'),
    checkpointKey: join(dir, 'checkpoint.key'),
    checkpointPublicKey: join(dir, 'checkpoint.pub'),
  };
  await writeFile(files.checkpointKey, privateKey, { mode: 0o600 });
  await writeFile(files.checkpointPublicKey, publicKey);
  return files;
}
