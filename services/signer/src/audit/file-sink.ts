import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { types } from 'node:util';
import type { Sink } from './sink.ts';

const LINE_FEED = 10;
const BLOCK = 64 * 1024;

/**
 * A file of lines, mode 0600, on disk before a write resolves. One that was moved or removed is left, and a new one begun; a
 * last line that a crash tore is taken off.
 *
 * @param opening the lines that a new file begins with, so that it can be compared with the database by itself.
 */
export function createFileSink(path: string, opening: () => string): Sink {
  let current: FileHandle | undefined;

  async function ready(): Promise<FileHandle> {
    if (current !== undefined && !(await isAt(current, path))) await leave();
    current ??= await openWhole(path);
    return current;
  }

  async function leave(): Promise<void> {
    const handle = current;
    current = undefined;
    await handle?.close();
  }

  return {
    name: 'file',
    open: async () => void (await ready()),
    write: async (lines) => {
      const file = await ready();
      const { size } = await file.stat();
      try {
        await file.appendFile(size === 0 ? opening() + lines : lines);
        await file.datasync();
      } catch (error) {
        // Opened anew, it is repaired as after a crash, should this fail as well.
        await file.truncate(size).catch(() => undefined);
        await leave().catch(() => undefined);
        throw error;
      }
    },
    close: leave,
  };
}

/** Nothing is written behind a line that is still torn: where any of it fails, the file is opened anew the next time. */
async function openWhole(path: string): Promise<FileHandle> {
  const file = await open(path, 'a+', 0o600);
  try {
    await repair(file);
    await syncFolder(path);
    return file;
  } catch (error) {
    await file.close().catch(() => undefined);
    throw error;
  }
}

async function isAt(file: FileHandle, path: string): Promise<boolean> {
  try {
    const [there, ours] = await Promise.all([stat(path), file.stat()]);
    return there.ino === ours.ino && there.dev === ours.dev;
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/** Takes off what stands behind the last line feed. */
async function repair(file: FileHandle): Promise<void> {
  const { size } = await file.stat();
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - BLOCK);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(end - start), position: start });
    const last = buffer.subarray(0, bytesRead).lastIndexOf(LINE_FEED);
    if (last >= 0) {
      end = start + last + 1;
      break;
    }
    end = start;
  }
  if (end === size) return;
  await file.truncate(end);
  await file.datasync();
}

/** A new file is there after a crash only once its folder is on disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
