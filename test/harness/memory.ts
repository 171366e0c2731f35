import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { types } from 'node:util';

/** Spellings of a secret, by name. */
export type Spellings = Readonly<Record<string, Buffer>>;

/** A secret of 32 bytes in every form that code is likely to hold it in; `text` as its variable has it. */
export function spellingsOf(secret: Uint8Array, text: string): Spellings {
  const bytes = Buffer.from(secret);
  const words = {
    text,
    hex: bytes.toString('hex'),
    HEX: bytes.toString('hex').toUpperCase(),
    base64: bytes.toString('base64'),
  };
  const spelled = Object.entries(words).flatMap(([name, word]) => [
    [name, Buffer.from(word, 'latin1')],
    [`${name} in UTF-16`, Buffer.from(word, 'utf16le')],
  ]);
  // A BigInt is its digits of 64 bits, the lowest first.
  return { bytes, 'bytes of a BigInt': Buffer.from(bytes).reverse(), ...Object.fromEntries(spelled) };
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/** What of these stands in the memory of a process that it can write to, or in what `/proc` says of it. */
export function findIn(pid: number, spellings: Spellings): string[] {
  const found = new Set<string>();
  const look = (where: string, bytes: Buffer) => {
    for (const [name, spelling] of Object.entries(spellings))
      if (bytes.includes(spelling)) found.add(`${where}: ${name}`);
  };
  for (const file of ['environ', 'cmdline', 'stat', 'status']) look(file, readFileSync(`/proc/${pid}/${file}`));
  // Two chunks share as much as the longest spelling has.
  const overlap = Math.max(...Object.values(spellings).map(({ length }) => length));
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    for (const { from, to } of writable(pid)) {
      for (let at = from; at < to; at += CHUNK_BYTES) {
        const bytes = readAt(memory, at, Math.min(CHUNK_BYTES + overlap, to - at));
        if (bytes !== undefined) look('memory', bytes);
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found].sort();
}

function writable(pid: number): { readonly from: number; readonly to: number }[] {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) .w/gm);
  return [...maps].map(([, from = '', to = '']) => ({ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }));
}

/** Undefined for pages that are there in name alone. */
function readAt(memory: number, at: number, length: number): Buffer | undefined {
  const bytes = Buffer.alloc(length);
  try {
    return bytes.subarray(0, readSync(memory, bytes, 0, length, at));
  } catch (error) {
    if (types.isNativeError(error) && 'code' in error && ['EIO', 'EFAULT'].includes(String(error.code)))
      return undefined;
    throw error;
  }
}
