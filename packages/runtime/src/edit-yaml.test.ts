import { expect, test } from '@jest/globals';
import { editYaml } from './edit-yaml.ts';

const TEXT = `# first
a:
  # why
  b: 1
  c: [ x, 'y' ]

# last
d: "0x01"
`;

test('sets values, and leaves comments, order and spelling as they were', () => {
  expect(
    editYaml(TEXT, [
      { path: ['a', 'b'], value: 2 },
      { path: ['e', 'f'], value: { g: 'h' } },
    ]),
  ).toBe(`${TEXT.replace('b: 1', 'b: 2')}e:\n  f:\n    g: h\n`);
});

test('a word that looks like something else stays a word', () => {
  expect(editYaml('a: 1\n', [{ path: ['k'], value: '0123' }])).toBe('a: 1\nk: "0123"\n');
});

test.each(['', 'k:\n', 'k: {}\n', 'k: # soon\n'])(
  'a section that is not there, or has nothing in it, takes words: %j',
  (text) => {
    expect(editYaml(text, [{ path: ['k', 'a', 'b'], value: 1 }])).toMatch(
      /^k:.*\n(?: *#.*\n)? {2}a:\n {4}b: 1\n(?: *# .*\n)?$/,
    );
  },
);
