import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';

/** Writes a file (mode 0600) in one step: a reader sees the old content or the new one, never a part. */
export async function replaceFile(file: string, content: string): Promise<void> {
  const next = `${file}.${randomBytes(6).toString('hex')}`;
  await writeFile(next, content, { mode: 0o600 });
  await rename(next, file);
}
