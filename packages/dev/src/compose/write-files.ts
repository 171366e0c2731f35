import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes files into a folder; mode 0600 unless said otherwise. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>, mode = 0o600): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    await chmod(file, mode);
  }
}
