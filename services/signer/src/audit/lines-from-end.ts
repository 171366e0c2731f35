import { open } from 'node:fs/promises';
import { types } from 'node:util';

const BLOCK = 64 * 1024;
const LINE_FEED = 10;

/** The whole lines of a file, the last one first; a torn one at the end is left out. A file that is not there has none. */
export async function* linesFromEnd(path: string): AsyncGenerator<string> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return;
  try {
    let end = (await file.stat()).size;
    // What stands before the line feed that was found last, as far as it was read.
    let rest: Buffer[] | undefined;
    while (end > 0) {
      const start = Math.max(0, end - BLOCK);
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(end - start), position: start });
      let piece = buffer.subarray(0, bytesRead);
      for (let at = piece.lastIndexOf(LINE_FEED); at >= 0; at = piece.lastIndexOf(LINE_FEED)) {
        if (rest !== undefined) yield Buffer.concat([piece.subarray(at + 1), ...rest]).toString('utf8');
        rest = [];
        piece = piece.subarray(0, at);
      }
      if (rest !== undefined) rest = [piece, ...rest];
      end = start;
    }
    if (rest !== undefined) yield Buffer.concat(rest).toString('utf8');
  } finally {
    await file.close();
  }
}
