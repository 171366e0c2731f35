import { xdr } from '@stellar/stellar-sdk/base';
import { checkLength, checkRange } from '../check.ts';
import { TransactionError } from '../error.ts';
import { MAX_UINT64 } from '../limits.ts';
import type { StellarMemo } from '../transfer.ts';

const MAX_TEXT_BYTES = 28;

/** The memo as XDR; without one, MEMO_NONE. */
export function readMemo(memo: StellarMemo | undefined): xdr.Memo {
  switch (memo?.type) {
    case undefined:
      return xdr.Memo.memoNone();
    case 'text':
      return xdr.Memo.memoText(textBytes(memo.value));
    case 'id':
      return xdr.Memo.memoId(checkRange('INVALID_MEMO', 'memo.value', memo.value, 0n, MAX_UINT64));
    case 'hash':
      return xdr.Memo.memoHash(checkLength('INVALID_MEMO', 'memo.value', memo.value, 32));
    case 'return':
      return xdr.Memo.memoReturn(checkLength('INVALID_MEMO', 'memo.value', memo.value, 32));
    default:
      throw new TransactionError('INVALID_MEMO', 'memo.type', 'expected text, id, hash or return');
  }
}

/** XDR as a memo. Text that is not UTF-8 is refused: no string stands for it. */
export function writeMemo(memo: xdr.Memo): StellarMemo | undefined {
  switch (memo.type) {
    case 'memoNone':
      return undefined;
    case 'memoText':
      return { type: 'text', value: utf8Text(memo.text.bytes) };
    case 'memoId':
      return { type: 'id', value: memo.id };
    case 'memoHash':
      return { type: 'hash', value: memo.hash.value };
    case 'memoReturn':
      return { type: 'return', value: memo.retHash.value };
  }
}

function textBytes(text: string): Uint8Array {
  const bytes = typeof text === 'string' && text.isWellFormed() ? new TextEncoder().encode(text) : undefined;
  if (bytes === undefined || bytes.length > MAX_TEXT_BYTES) {
    const message = `expected text of at most ${MAX_TEXT_BYTES} bytes in UTF-8`;
    throw new TransactionError('INVALID_MEMO', 'memo.value', message);
  }
  return bytes;
}

function utf8Text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new TransactionError('INVALID_MEMO', 'memo', 'expected text in UTF-8', { cause });
  }
}
