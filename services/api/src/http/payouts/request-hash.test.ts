import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { requestHash } from './request-hash.ts';

const shallow = fc.jsonValue({ maxDepth: 4 });

describe('the hash of a request', () => {
  test('does not see the order of members or the spacing', () => {
    const one = JSON.parse('{"a":1,"b":{"c":[1,2],"d":null}}');
    const other = JSON.parse('{ "b": {"d": null, "c": [1, 2]}, "a": 1 }');
    expect(requestHash('r', one)).toEqual(requestHash('r', other));
  });

  test('tells different bodies and routes apart', () => {
    fc.assert(
      fc.property(shallow, shallow, (a, b) => {
        const same = sorted(a) === sorted(b);
        expect(requestHash('r', a).equals(requestHash('r', b))).toBe(same);
        expect(requestHash('r', a).equals(requestHash('s', a))).toBe(false);
      }),
    );
  });

  test('refuses nesting that no body needs', () => {
    const deep = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
    expect(() => requestHash('r', deep)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });

  test('takes a missing body as null', () => {
    expect(requestHash('r', undefined)).toEqual(requestHash('r', null));
  });
});

/** Another canonical form: each object as the sorted list of its members. */
function sorted(value: unknown): string {
  return JSON.stringify(
    JSON.parse(JSON.stringify(value), (_name, inner) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? { members: Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)) }
        : inner,
    ),
  );
}
