import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonWithout } from './json-without.ts';

const TOKEN = 'hvs.CAESIJ_"1"';

test('a secret is in no string, no list and no name', () => {
  const told = {
    [TOKEN]: [TOKEN, `a ${TOKEN} and ${TOKEN}`],
    other: { text: TOKEN, number: 1, nothing: null, is: true },
  };
  expect(jsonWithout(TOKEN, JSON.stringify(told))).toEqual({
    '[token]': ['[token]', 'a [token] and [token]'],
    other: { text: '[token]', number: 1, nothing: null, is: true },
  });
});

test('however its characters are spelled', () => {
  const spelled = fc.tuple(
    ...Array.from(TOKEN, (one) => fc.constantFrom(JSON.stringify(one).slice(1, -1), escaped(one))),
  );
  fc.assert(
    fc.property(spelled, (characters) => {
      expect(jsonWithout(TOKEN, `{"errors":["bad ${characters.join('')}"]}`)).toEqual({ errors: ['bad [token]'] });
    }),
  );
});

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

test('what is no JSON says nothing', () => {
  expect(jsonWithout(TOKEN, `<html>${TOKEN}</html>`)).toBeUndefined();
});
