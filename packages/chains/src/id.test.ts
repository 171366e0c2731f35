import { describe, expect, test } from '@jest/globals';
import { ID } from './id.ts';

describe('an id', () => {
  test.each(['p', 'po_1', 'spiffe:x.y-z_9', 'a'.repeat(64)])('%s is one', (text) => {
    expect(ID.test(text)).toBe(true);
  });

  test.each(['', 'a'.repeat(65), 'rent 42', 'po_1\n', '../x', 'pö'])('%j is none', (text) => {
    expect(ID.test(text)).toBe(false);
  });
});
