import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAssetId } from '@countersign/chains/caip';
import { assetsOf } from '@countersign/dev/assets';
import { keysDocument, policyDocument } from '@countersign/dev/configuration';
import { generateKeys } from '@countersign/dev/keys';
import { generateRecipients } from '@countersign/dev/recipients';

export const keys = generateKeys(1);
export const recipients = generateRecipients(2);
const ofStack = assetsOf(keys);
export const STELLAR_ASSETS = { xlm: parseAssetId(ofStack.xlm).id, usdc: parseAssetId(ofStack.stellarUsdc).id };

/** A folder with the files of the development stack in it; `write` adds one, and gives its path. */
export function policyFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-policy-'));
  const write = (name: string, content: string | Uint8Array | object): string => {
    const file = join(folder, name);
    // A word a line, so that a problem's line says where it is.
    const plain = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(file, plain ? content : `${JSON.stringify(content, null, 1)}\n`);
    return file;
  };
  return { write, remove: () => rmSync(folder, { recursive: true }) };
}

export const policyFile = () => policyDocument(keys, recipients);
export const keysFile = () => keysDocument(keys, { 'treasury-stellar': 'alias/s', 'treasury-evm': 'alias/e' });
