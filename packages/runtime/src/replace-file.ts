import { open, rename, rm, stat } from 'node:fs/promises';

/** Writes a file whole or not at all: a new one takes the place of the old, with its permissions. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const { mode } = await stat(file).catch(() => ({ mode: 0o600 }));
  const written = `${file}.${process.pid}.new`;
  const handle = await open(written, 'wx', mode & 0o777);
  try {
    await handle.writeFile(text);
    await handle.sync();
    await handle.close();
    await rename(written, file);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
}
