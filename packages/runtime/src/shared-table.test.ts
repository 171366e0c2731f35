import { describe, expect, test } from '@jest/globals';
import { createSharedTable, OTHERS } from './shared-table.ts';

describe('createSharedTable', () => {
  const open = (now: () => number) =>
    createSharedTable({ max: 2, create: (name) => ({ name, busy: true }), isIdle: ({ busy }) => !busy }, now);

  test('keeps one entry for a name', () => {
    const table = open(() => 0);
    expect(table.of('a')).toBe(table.of('a'));
    expect(table.of('b')).not.toBe(table.of('a'));
  });

  test('when full, newcomers share one entry, and those who were there keep theirs', () => {
    const table = open(() => 0);
    const [a] = [table.of('a'), table.of('b')];
    expect(table.of('c').name).toBe(OTHERS);
    expect(table.of('d')).toBe(table.of('c'));
    expect(table.of('a')).toBe(a);
    expect(table.size).toBe(2);
  });

  test('idle entries make room, looked for once a second', () => {
    let now = 0;
    const table = open(() => now);
    const a = table.of('a');
    table.of('b');
    expect(table.of('c').name).toBe(OTHERS);
    a.busy = false;
    now = 999;
    expect(table.of('c').name).toBe(OTHERS);
    now = 1_000;
    expect(table.of('c').name).toBe('c');
    expect(table.of('a').name).toBe(OTHERS);
  });
});
