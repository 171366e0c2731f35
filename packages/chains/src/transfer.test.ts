import { expect, test } from '@jest/globals';
import { memoText } from './transfer.ts';

test('memoText tells memos apart by type and value, bytes as hex', () => {
  expect(memoText({ type: 'hash', value: new Uint8Array(32).fill(171) })).toBe(`hash:${'ab'.repeat(32)}`);
  expect(memoText({ type: 'return', value: new Uint8Array(32) })).toBe(`return:${'00'.repeat(32)}`);
  expect(memoText({ type: 'id', value: 7n })).toBe('id:7');
  expect(memoText({ type: 'text', value: '7' })).toBe('text:7');
});
