import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevPki } from '../pki/pki.ts';
import { writeFiles } from './write-files.ts';

/** Gives each side of the wall its certificate, its key and the authority, and neither the other's key. */
export async function writePki(folders: { readonly api: string; readonly signer: string }): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'countersign-pki-'));
  try {
    const pki = await createDevPki(scratch);
    const authority = await readFile(pki.apiCaFile, 'utf8');
    for (const side of ['api', 'signer'] as const) {
      const { certificate, privateKey } = pki[side];
      await writeFiles(folders[side], { 'ca.crt': authority, 'tls.crt': certificate, 'tls.key': privateKey });
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
}
