import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { configurationPage } from './page.ts';
import { wordsOf } from './words.ts';

const described = z.string().describe('what it means');

describe('the generator refuses', () => {
  test.each<[where: string, schema: z.ZodType, path: string]>([
    ['a variable', z.object({ A: described, LOG_LEVEL: z.enum(['info']).default('info') }), 'LOG_LEVEL'],
    ['a word in a section', z.strictObject({ a: z.strictObject({ b: z.int() }).describe('a') }), 'a.b'],
    ['the section itself', z.strictObject({ a: z.strictObject({ b: described }) }), 'a'],
    [
      'a word in an optional section',
      z.strictObject({ a: z.strictObject({ b: z.int() }).optional().describe('a') }),
      'a.b',
    ],
    [
      'a word of a list’s sections',
      z.strictObject({ a: z.array(z.strictObject({ b: z.int() })).describe('a') }),
      'a[].b',
    ],
    [
      'a word of a map’s sections',
      z.strictObject({
        a: z.record(z.string().meta({ title: 'key id' }), z.strictObject({ b: z.int() })).describe('a'),
      }),
      'a.<key id>.b',
    ],
    ['the values of a map', z.strictObject({ a: z.record(z.string(), z.int()).describe('a') }), 'a.<name>'],
    [
      'a word behind refinements and transforms',
      z
        .strictObject({ a: z.string().transform(BigInt).optional() })
        .refine(() => true)
        .transform((file) => file.a),
      'a',
    ],
  ])('%s without a description', (_, schema, path) => {
    expect(() => wordsOf(schema)).toThrow(new Error(`${path}: no description`));
  });

  test('a word whose schema does not say what it takes, unless its words are told elsewhere', () => {
    const list = z.array(z.unknown().transform(String)).describe('chains');
    const silent = 'chains: its schema does not say what it takes';
    expect(() => wordsOf(z.strictObject({ chains: list }))).toThrow(new Error(silent));
    expect(wordsOf(z.strictObject({ chains: list }), ['chains'])).toMatchObject([{ path: 'chains', type: 'list' }]);
  });

  test('one section or another, whose words would be on no page', () => {
    const either = z.union([z.strictObject({ a: described }), z.strictObject({ b: described })]);
    const problem = 'its schema does not say what it takes';
    expect(() => wordsOf(z.strictObject({ x: either.describe('x') }))).toThrow(`x: ${problem}`);
    expect(() => wordsOf(z.strictObject({ x: z.array(either).describe('x') }))).toThrow(`x: ${problem}`);
  });

  test('one section or a map, whose words would be on no page', () => {
    const either = z.union([z.string(), z.record(z.string(), described)]);
    expect(() => wordsOf(z.strictObject({ x: either.describe('x') }))).toThrow(
      'x: its schema does not say what it takes',
    );
  });

  test('all of them at once, under the title of the section', () => {
    const schema = z.strictObject({ a: z.int(), b: described, c: z.unknown() });
    expect(() => configurationPage([{ title: 'KEYS_FILE', text: '', schema }])).toThrow(
      'KEYS_FILE: a: no description; c: no description; c: its schema does not say what it takes',
    );
  });
});

describe('a word is told', () => {
  test.each<[name: string, schema: z.ZodType, type: string, bounds: string]>([
    ['an enum', z.enum(['a', 'b']), '`a` or `b`', ''],
    ['a literal', z.literal('env'), '`env`', ''],
    ['text', z.string(), 'text', ''],
    ['text by a pattern', z.string().regex(/^[a-z|]+$/), 'text', '`^[a-z|]+$`'],
    ['text of some length', z.string().min(1).max(64), 'text', '1–64 characters'],
    ['text that is not empty', z.string().min(1), 'text', 'not empty'],
    ['a URL', z.url(), 'URL', ''],
    ['a time', z.iso.datetime(), 'time (ISO 8601)', ''],
    ['an integer', z.int(), 'integer', ''],
    ['an integer with bounds', z.int().min(0).max(65_535), 'integer', '0–65535'],
    ['an integer with one bound', z.int().max(9), 'integer', 'at most 9'],
    ['a number', z.number(), 'number', ''],
    ['a boolean', z.boolean(), '`true` or `false`', ''],
    [
      'a list of texts',
      z.array(z.string().max(9)).max(5),
      'list of text',
      'at most 5 entries; each: at most 9 characters',
    ],
    ['one of two', z.union([z.literal('finalized'), z.int().min(1).max(10)]), '`finalized` or integer', '1–10'],
    [
      'a transformed text, as it is written',
      z
        .string()
        .regex(/^[0-9]+$/)
        .transform(Number),
      'text',
      '`^[0-9]+$`',
    ],
  ])('%s', (_, schema, type, bounds) => {
    expect(wordsOf(z.strictObject({ a: schema.describe('means') }))).toEqual([
      { path: 'a', type, bounds, required: true, fallback: undefined, meaning: 'means' },
    ]);
  });

  test('with its default, or that it may be left out', () => {
    const schema = z.strictObject({
      given: z.int().default(7).describe('given'),
      named: z.string().default('info').describe('named'),
      free: z.string().optional().describe('free'),
      needed: described,
    });
    expect(wordsOf(schema).map(({ path, fallback, required }) => [path, fallback, required])).toEqual([
      ['given', '7', false],
      ['named', 'info', false],
      ['free', undefined, false],
      ['needed', undefined, true],
    ]);
  });
});

test('a word that takes text or a section is told with the words of the section', () => {
  const entry = z.union([
    z.string(),
    z.strictObject({ b: described, c: z.union([z.string(), z.array(z.string())]).describe('c') }),
  ]);
  const list = z.union([z.literal('any'), z.array(entry)]).describe('a');
  expect(wordsOf(z.strictObject({ a: list })).map(({ path, type, required }) => [path, type, required])).toEqual([
    ['a', '`any` or list of text or section', true],
    ['a[].b', 'text', true],
    ['a[].c', 'text or list of text', true],
  ]);
});

describe('a section of one of several kinds', () => {
  const key = z.strictObject({ kind: z.literal('key').describe('a key'), id: described });
  const door = z.strictObject({ kind: z.literal('door').describe('a door'), colour: described });

  test('is told with the words of each kind, under its name', () => {
    const words = wordsOf(z.strictObject({ a: z.discriminatedUnion('kind', [key, door]).describe('a') }));
    expect(words.map(({ path, type, required }) => [path, type, required])).toEqual([
      ['a', 'section', true],
      ['a (key).kind', '`key`', true],
      ['a (key).id', 'text', true],
      ['a (door).kind', '`door`', true],
      ['a (door).colour', 'text', true],
    ]);
  });

  test('is refused where a kind has no name of its own', () => {
    const several = z.strictObject({ kind: z.enum(['gate', 'hatch']).describe('which'), colour: described });
    const schema = z.strictObject({ a: z.discriminatedUnion('kind', [key, several]).describe('a') });
    expect(() => wordsOf(schema)).toThrow('a: its schema does not say what it takes');
  });
});

test('the page has one table a section, bars in cells escaped', () => {
  const schema = z.strictObject({
    keys: z
      .record(
        z
          .string()
          .regex(/^[a-z]+$/)
          .meta({ title: 'key id' }),
        z.strictObject({ path: z.enum(['legacy', 'kms']).describe('a | b') }),
      )
      .describe('the keys'),
  });
  const page = configurationPage([{ title: 'KEYS_FILE', text: 'Which keys there are.', schema }]);
  expect(page.slice(page.indexOf('## '))).toBe(`## KEYS_FILE

Which keys there are.

| word | takes | default | bounds | meaning |
| --- | --- | --- | --- | --- |
| \`keys\` | map | required | names: \`^[a-z]+$\` | the keys |
| \`keys.<key id>.path\` | \`legacy\` or \`kms\` | required |  | a \\| b |
`);
});
