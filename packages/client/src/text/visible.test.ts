import { describe, expect, test } from '@jest/globals';
import { visible, visibleJson } from './visible.ts';

describe('text of somebody else', () => {
  test('is shown as it is where it is plain, in any language', () => {
    expect(visible('Grüße, 世界, 12.5 — “ok”')).toBe('Grüße, 世界, 12.5 — “ok”');
  });

  test.each([
    ['a line end', 'a\nb', 'a\\u000ab'],
    ['a return, which overwrites a line', 'a\rb', 'a\\u000db'],
    ['an escape sequence of the terminal', '\x1b[2Ka', '\\u001b[2Ka'],
    ['a C1 control', 'a\x9bb', 'a\\u009bb'],
    ['a turn of direction', 'a\u202eb', 'a\\u202eb'],
    ['an isolate', 'a\u2066b', 'a\\u2066b'],
    ['a space of no width', 'a\u200bb', 'a\\u200bb'],
    ['another space', 'a\u00a0b', 'a\\u00a0b'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
    ['a tag character, outside the first plane', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
  ])('has %s written out', (_name, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  test('stays the same JSON', () => {
    const value = { a: ['x\u202ey', '\x1b[2K', 'line\nend'], b: 1 };
    const text = visibleJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).toMatch(/^[\n\x20-\x7e]*$/);
  });
});
