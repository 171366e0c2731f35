import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { z } from 'zod';
import { ConfigError } from './config.ts';
import { parseYaml } from './yaml.ts';

const schema = z.strictObject({
  version: z.literal(1),
  keys: z.record(z.string(), z.strictObject({ callers: z.array(z.string()), max_fee: z.string() })),
});

const GOOD = `version: 1
keys:
  treasury-evm:
    callers: [spiffe://countersign.dev/api]
    max_fee: '0.1'
`;

function problem(text: string, target: z.ZodType = z.any()): string {
  try {
    parseYaml(text, target, 'policy.yaml');
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseYaml', () => {
  test('gives the frozen value', () => {
    const value = parseYaml(GOOD, schema, 'policy.yaml');
    expect(value.keys['treasury-evm']).toEqual({ callers: ['spiffe://countersign.dev/api'], max_fee: '0.1' });
    expect(Object.isFrozen(value.keys['treasury-evm']?.callers)).toBe(true);
  });

  test('reads back any JSON of plain values', () => {
    const word = fc.stringMatching(/^[a-z_]{1,8}$/);
    const leaf = fc.oneof(fc.string(), fc.boolean(), fc.constant(null), fc.maxSafeInteger());
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('tree')), fc.dictionary(word, tie('tree'))),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = stringify(value, { aliasDuplicateObjects: false });
        expect(parseYaml(text, z.any(), 'x.yaml')).toEqual(value);
      }),
    );
  });

  test('keeps the words of YAML 1.1 as words', () => {
    expect(parseYaml('[yes, no, on, off, 2026-11-21, 1_000]', z.any(), 'x')).toEqual([
      'yes',
      'no',
      'on',
      'off',
      '2026-11-21',
      '1_000',
    ]);
  });
});

describe('a problem names file, line and field', () => {
  test.each<[name: string, text: string, message: string]>([
    ['an unknown word', GOOD.replace('max_fee', 'max_fees'), 'policy.yaml:5: keys.treasury-evm.max_fees: unknown word'],
    ['an unknown word at the top', `${GOOD}extra: 1\n`, 'policy.yaml:6: extra: unknown word'],
    [
      'a wrong type',
      GOOD.replace("'0.1'", '[]'),
      'policy.yaml:5: keys.treasury-evm.max_fee: Invalid input: expected string, received array',
    ],
    [
      'a wrong item',
      GOOD.replace('[spiffe', '[7, spiffe'),
      'policy.yaml:4: keys.treasury-evm.callers.0: Invalid input: expected string, received number',
    ],
    [
      'a missing word',
      GOOD.replace("    max_fee: '0.1'\n", ''),
      'policy.yaml:3: keys.treasury-evm.max_fee: missing, expected string',
    ],
    ['another kind of document', 'words', 'policy.yaml:1: document: Invalid input: expected object, received string'],
  ])('%s', (_, text, message) => {
    expect(problem(text, schema)).toContain(message);
  });

  test.each<[name: string, paid: string, message: string]>([
    ['an unknown word in one of several forms', '[{ to: x, colour: y }]', 'policy.yaml:1: paid.0.colour: unknown word'],
    ['a missing word in one of several forms', '[a, {}]', 'policy.yaml:1: paid.1.to: expected text or texts'],
    ['an empty list in one of several forms', '[{ to: [] }]', 'policy.yaml:1: paid.0.to: Too small'],
    ['a wrong item in a form within', '[{ to: [a, 7] }]', 'policy.yaml:1: paid.0.to.1: Invalid input: expected string'],
    ['what is none of the forms', '[a, 7]', 'policy.yaml:1: paid.1: expected a name or `to`'],
    ['what is none of the outer forms', 'all', 'policy.yaml:1: paid: expected a list or `any`'],
  ])('%s', (_, paid, message) => {
    const to = z.union([z.string(), z.array(z.string()).min(1)], { error: 'expected text or texts' });
    const entry = z.union([z.string(), z.strictObject({ to })], { error: 'expected a name or `to`' });
    const forms = z.strictObject({
      paid: z.union([z.literal('any'), z.array(entry)], { error: 'expected a list or `any`' }),
    });
    expect(problem(`paid: ${paid}\n`, forms)).toContain(message);
  });

  test('and not the value', () => {
    expect(problem(GOOD.replace('version: 1', 'version: hunter2'), schema)).not.toContain('hunter2');
  });

  test('every one of them', () => {
    const text = GOOD.replace('version: 1', 'version: 2').replace("'0.1'", '1');
    expect(problem(text, schema)).toMatch(/^policy.yaml:1: version: .*; policy.yaml:5: keys.treasury-evm.max_fee: /);
  });
});

describe('a file made to be slow', () => {
  // Each of these took minutes: every key was compared with every other one, and every problem looked for its line.
  test.each([
    [
      'unknown words',
      (i: number) => `k${i}: 1\n`,
      /^policy.yaml:1: k0: unknown word; .*policy.yaml:100: k99: unknown word$/,
    ],
    ['repeated words', (i: number) => `k${i % 300}: 1\n`, /^policy.yaml:301: Map keys must be unique; /],
    ['aliases', () => '- *a\n', /^policy.yaml:1: .*/],
  ])('%s, 60,000 of them', (_, line, message) => {
    const text = Array.from({ length: 60_000 }, (_, i) => line(i)).join('');
    const start = performance.now();
    expect(problem(text, z.strictObject({}))).toMatch(message);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});

describe('refused, whatever the schema says', () => {
  test.each<[name: string, text: string, message: RegExp]>([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', /^x?policy.yaml:3: Map keys must be unique/],
    ['a duplicate key in another spelling', `a: 1\n"a": 3\n`, /^policy.yaml:2: Map keys must be unique/],
    ['an anchor', 'a: &x 1\n', /^policy.yaml:1: anchors are not allowed$/],
    ['an alias', 'a: &x 1\nb: *x\n', /policy.yaml:2: aliases are not allowed/],
    ['an anchor on a map', 'a: &x\n  b: 1\n', /anchors are not allowed/],
    ['a merge', 'a: 1\n<<: {b: 2}\n', /^policy.yaml:2: this key is not allowed$/],
    ['__proto__', 'a:\n  __proto__: {b: 2}\n', /^policy.yaml:2: this key is not allowed$/],
    ['a tag', 'a: !!str 1\n', /^policy.yaml:1: tags are not allowed$/],
    ['a tag on a list', 'a: !!set {x}\n', /tags|Unresolved|not allowed/],
    ['a foreign tag', 'a: !include other.yaml\n', /policy.yaml:1: /],
    ['a version', '%YAML 1.1\n---\na: 1\n', /^policy.yaml:1: directives are not allowed$/],
    ['the version that is read', '%YAML 1.2\n---\na: 1\n', /^policy.yaml:1: directives are not allowed$/],
    ['a handle for tags', '# ours\n\n%TAG ! tag:x,2026:\n---\na: 1\n', /^policy.yaml:3: directives are not allowed$/],
    ['an unknown directive', '%FOO\n---\na: 1\n', /^policy.yaml:1: directives are not allowed$/],
    ['a directive behind a mark', '\uFEFF%YAML 1.2\n---\na: 1\n', /^policy.yaml:1: directives are not allowed$/],
    ['a directive at the end', 'a: 1\n...\n%YAML 1.2\n', /^policy.yaml:3: directives are not allowed$/],
    ['a quote that does not end', 'a: "SECRET', /^policy.yaml:1: Missing closing "quote$/],
    ['a word that is out of place', '"a" "SECRET"\n', /^policy.yaml:1: not YAML \(unexpected token\)/],
    ['an unknown escape', 'a: "\\SECRET"\n', /^policy.yaml:1: not YAML \(bad dq escape\)$/],
    ['an unknown tag', 'a: !SECRET b\n', /^policy.yaml:1: not YAML \(tag resolve failed\)$/],
    ['two documents', 'a: 1\n---\nb: 1\n', /^policy.yaml: expected one YAML document, got 2$/],
    ['nothing', '', /^policy.yaml: expected one YAML document, got 0$/],
    ['a key that is no word', '[1, 2]: x\n', /^policy.yaml:1: With stringKeys/],
    [
      'an address without quotes',
      'a: 0x00000000219ab540356cBB839Cbe05303d7705Fa\n',
      /^policy.yaml:1: this number needs quotes$/,
    ],
    ['an integer beyond a double', 'a: 9007199254740993\n', /^policy.yaml:1: this number needs quotes$/],
    ['a fraction that a double rewrites', 'a: 0.10\n', /this number needs quotes/],
    ['an exponent', 'a: 1e3\n', /this number needs quotes/],
    ['an octal', 'a: 0o17\n', /this number needs quotes/],
    ['infinity', 'a: .inf\n', /this number needs quotes/],
    ['bad indentation', 'a: 1\n  b: 2\n', /^policy.yaml:\d: /],
    ['a tab', 'a:\n\tb: 2\n', /^policy.yaml:2: /],
    ['an unclosed quote', 'a: "x\n', /^policy.yaml:\d: /],
    ['an endless text', `a: "${'x'.repeat(1024 * 1024)}"`, /^policy.yaml: longer than 1048576$/],
  ])('%s', (_, text, message) => {
    expect(problem(text)).toMatch(message);
  });
});
