import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.ts';
import { AuditError } from './error.ts';

describe('canonical JSON (RFC 8785)', () => {
  test('writes the example of section 3.2.2', () => {
    const input = {
      numbers: JSON.parse('[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001]'),
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"\u002f',
      literals: [null, true, false],
    };
    expect(canonicalJson(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test('sorts members as section 3.2.3 does, by UTF-16 code units', () => {
    const input = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    const order: unknown = JSON.parse(`[${canonicalJson(input).slice(1, -1).replaceAll('":"', '","')}]`);
    expect(order).toEqual(
      ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'].flatMap((name) => [
        name,
        Object.entries(input).find(([key]) => key === name)?.[1],
      ]),
    );
  });

  test('agrees with another implementation on any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 500 },
    );
  });

  test('does not depend on the order in which members were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const reversed = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(reversed)).toBe(canonicalJson(object));
      }),
    );
  });

  const circle: { inner?: unknown } = {};
  circle.inner = [circle];
  test.each<[name: string, value: unknown, problem: string]>([
    ['undefined', { a: [undefined] }, '$.a[0]: expected JSON, got a undefined'],
    ['a hole', { a: new Array(1) }, '$.a[0]: expected JSON, got a undefined'],
    ['NaN', [Number.NaN], '$[0]: expected JSON, got NaN'],
    ['infinity', { a: Number.POSITIVE_INFINITY }, '$.a: expected JSON, got Infinity'],
    ['a bigint', { amount: 5n }, '$.amount: expected JSON, got a bigint'],
    ['a function', () => 1, '$: expected JSON, got a function'],
    ['a date', { at: new Date(0) }, '$.at: expected JSON, got an object of a class'],
    ['bytes', { hash: new Uint8Array(2) }, '$.hash: expected JSON, got an object of a class'],
    ['a lone surrogate', { a: '\ud800' }, '$.a: expected JSON, got a lone surrogate'],
    ['a lone surrogate as a name', { '\udc00': 1 }, '$: expected JSON, got a lone surrogate'],
    ['a circle', circle, '$.inner[0]: expected JSON, got a circle'],
  ])('refuses %s', (_, value, problem) => {
    expect(() => canonicalJson(value)).toThrow(new AuditError('NOT_JSON', problem));
  });

  test('takes the same object twice, and one without a prototype', () => {
    const twice = Object.assign(Object.create(null), { b: 1 });
    expect(canonicalJson({ x: twice, y: twice })).toBe('{"x":{"b":1},"y":{"b":1}}');
  });
});
