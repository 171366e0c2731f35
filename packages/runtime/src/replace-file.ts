import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { types } from 'node:util';
import { ConfigError } from './config.ts';

/**
 * Writes a file whole or not at all: a new one takes the place of the old, with its permissions and, where this user may give it away, its
 * owner. Where the name is a link, it goes on to lead to the file; where there is none, the file is for this user alone.
 * @param before what the text was made from: a file that has become another since is left alone
 * @throws ConfigError naming the file
 */
export async function replaceFile(file: string, text: string, before: string | undefined): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const written = `${target}.${process.pid}.new`;
  try {
    const found = await stat(target).catch(() => undefined);
    const handle = await open(written, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      if (found !== undefined) {
        await handle.chown(found.uid, found.gid).catch(() => undefined);
        // Whatever the umask says.
        await handle.chmod(found.mode & 0o777);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    const now = await readFile(target, 'utf8').catch(() => undefined);
    if (now !== before) throw new ConfigError([{ where: file, problem: 'it has changed meanwhile: try again' }]);
    await rename(written, target);
  } catch (cause) {
    await rm(written, { force: true });
    if (cause instanceof ConfigError) throw cause;
    const code = types.isNativeError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw new ConfigError([{ where: file, problem: `cannot write the file (${code})` }]);
  }
}
