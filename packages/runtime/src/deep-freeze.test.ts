import { expect, test } from '@jest/globals';
import { deepFreeze } from './deep-freeze.ts';

test('freezes objects and arrays inside one another, and leaves class instances alone', () => {
  const bytes = new Uint8Array([1]);
  const at = new Date(0);
  const bare = Object.assign(Object.create(null), { x: [1] });
  const value = deepFreeze({ list: [{ a: 1 }], bytes, at, bare, nothing: null });
  for (const frozen of [value, value.list, value.list[0], value.bare, value.bare.x]) {
    expect(Object.isFrozen(frozen)).toBe(true);
  }
  bytes[0] = 2;
  expect(value.bytes).toEqual(new Uint8Array([2]));
  expect(Object.isFrozen(value.at)).toBe(false);
});
