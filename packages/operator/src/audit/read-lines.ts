import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';

const LINE_FEED = 10;

export interface TextLine {
  /** Empty where the bytes are not UTF-8: no text stands for them. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Whether its line feed is missing: the end of a file that was cut off, or is being written. */
  readonly torn: boolean;
}

/** The lines of a file of any size, one at a time. @throws the error of a file that cannot be read. */
export async function* readLines(path: string): AsyncGenerator<TextLine> {
  let number = 0;
  let rest: Buffer[] = [];
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 256 * 1024 });
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      number++;
      yield { text: textOf([...rest, chunk.subarray(start, end)]), number, torn: false };
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  if (rest.length > 0) yield { text: textOf(rest), number: number + 1, torn: true };
}

function textOf(pieces: readonly Buffer[]): string {
  const bytes = Buffer.concat(pieces);
  return isUtf8(bytes) ? bytes.toString('utf8') : '';
}
