import { z } from 'zod';
import { type Checker, present } from './checker.ts';
import type { MemoRule } from './policy.ts';

const MAX_TEXT_BYTES = 28;
const MAX_UINT64 = 2n ** 64n - 1n;

const memoWord = z.string().meta({
  pattern: '^(none|any|text:[\\s\\S]+|id:(0|[1-9][0-9]{0,19})|(hash|return):[0-9a-f]{64})$',
});

/** The memos of a listed destination: `none`, `any`, one memo, or a list of memos in which `none` may stand. */
export const memoRule = z.union([memoWord, z.array(memoWord).min(1)], { error: 'expected a memo or a list of memos' });

/** An issue at its path for every memo that is none, or stands twice. */
export function readMemoRule(words: z.infer<typeof memoRule>, at: Checker): MemoRule | undefined {
  if (words === 'none' || words === 'any') return words;
  if (typeof words === 'string') return at.read([], () => new Set([checkMemo(words)]));
  const memos = words.map((word, i) =>
    at.read(i, () => {
      if (word === 'any') throw new Error('expected a memo: `any` stands alone');
      if (words.indexOf(word) < i) throw new Error('expected each memo once');
      return word === 'none' ? word : checkMemo(word);
    }),
  );
  return memos.includes(undefined) ? undefined : new Set(present(memos));
}

/** A memo is written as `memoText` writes it, so that there is one way to write each, and a text `1` is not the id 1. */
function checkMemo(word: string): string {
  const [, type, value = ''] = /^([a-z]+):([\s\S]*)$/.exec(word) ?? [];
  switch (type) {
    case 'text': {
      const bytes = new TextEncoder().encode(value).length;
      if (!value.isWellFormed() || bytes < 1 || bytes > MAX_TEXT_BYTES || value.includes('\0')) {
        throw new Error(`expected text: and 1–${MAX_TEXT_BYTES} bytes of UTF-8 without NUL`);
      }
      return word;
    }
    case 'id':
      if (!/^(0|[1-9][0-9]{0,19})$/.test(value) || BigInt(value) > MAX_UINT64) {
        throw new Error('expected id: and an unsigned integer of 64 bits');
      }
      return word;
    case 'hash':
    case 'return':
      if (!/^[0-9a-f]{64}$/.test(value)) throw new Error(`expected ${type}: and 32 bytes in lower-case hex`);
      return word;
    default:
      throw new Error('expected `none`, `any`, text:…, id:…, hash:<hex> or return:<hex>');
  }
}
