import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { types } from 'node:util';
import { ConfigError } from './config.ts';

/**
 * Writes a file whole or not at all: a new one takes the place of the old, with its permissions. Where the name is a link, it goes on
 * to lead to the file; where there is none, the file is for this user alone.
 * @throws ConfigError naming the file
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const written = `${target}.${process.pid}.new`;
  try {
    const { mode } = await stat(target).catch(() => ({ mode: 0o600 }));
    const handle = await open(written, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      // Whatever the umask says.
      await handle.chmod(mode & 0o777);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(written, target);
  } catch (cause) {
    await rm(written, { force: true });
    const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigError([{ where: file, problem: `cannot write the file (${code})` }]);
  }
}
