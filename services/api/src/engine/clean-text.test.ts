import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cleanText } from './clean-text.ts';

describe('cleanText', () => {
  test('makes one readable line', () => {
    expect(cleanText('  nonce\ttoo\r\nlow\u0000\u001b[31m ')).toBe('nonce too low [31m');
    expect(cleanText('a\u202Eb\u2028c')).toBe('a b c');
  });

  test('cuts what is too long, not within a character', () => {
    expect(cleanText('x'.repeat(1_000))).toBe(`${'x'.repeat(299)}…`);
    expect([...cleanText('💸'.repeat(1_000))]).toHaveLength(300);
  });

  test('never lets through what a row or a log line cannot hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (text) => {
        const clean = cleanText(text);
        expect(clean.isWellFormed()).toBe(true);
        expect(clean).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect([...clean].length).toBeLessThanOrEqual(300);
      }),
    );
  });
});
