import { isDeepStrictEqual } from 'node:util';
import { toYaml } from '@countersign/dev/configuration';
import { policySchema } from '@countersign/policy/schema';
import { ConfigError } from '@countersign/runtime/config';
import { parseYaml } from '@countersign/runtime/yaml';
import { z } from 'zod';
import { mutateBytes } from '../bytes.ts';
import type { Random } from '../random.ts';
import { demand, outcomeOf, type Target } from '../target.ts';
import { collect, type Json, mutateTree, type Pool } from '../tree.ts';
import { POLICY_YAML } from '../world.ts';

const FILE = 'policy.yaml';
const tree = parseYaml(POLICY_YAML, z.json(), FILE) as Json;
const seeds = [POLICY_YAML, JSON.stringify(tree), JSON.stringify(tree, null, 2)].map(toBytes);
const pool: Pool = new Map();
collect(pool, tree);

// What YAML makes more of than a reader would think.
const SNIPPETS = [
  '&a ',
  '*a',
  '&a [*a, *a]',
  '<<: *a',
  '<<: {a: 1}',
  '__proto__: {polluted: true}',
  'constructor: {prototype: {polluted: true}}',
  'toString: 1',
  '!!binary AAAA',
  '!!js/function x',
  '!include /etc/passwd',
  '!!set {a, b}',
  '!!timestamp 2026-01-01',
  '? [a]\n: b',
  '? {a: 1}\n: b',
  '---\n',
  '...\n',
  '%YAML 1.1\n---\n',
  '\t',
  '\0',
  '\ufeff',
  '\u2028',
  '\x85',
  '\r\n',
  '# ',
  '|\n',
  '>-\n',
  "'",
  '"',
  '\\u0000',
  '0x10',
  '0o17',
  '1_000',
  '1e400',
  '-0',
  '.inf',
  '.nan',
  '9007199254740993',
  '1.0',
  '99999999999999999999999999',
  '~',
  'null',
  'yes',
  '01',
  '[',
  ']',
  '{',
  '}',
  ',',
  ': ',
  '- ',
  '\n',
  '  ',
];
const DEEP = ['[', '{a: ', '- ', '? ', '!!a ', '&a ', '"', '[{', '- - '];

/** The policy file, read as the signer reads it; another way of writing down what it says must load to the same policy. */
export const policyFiles: Target = {
  name: 'policy file',
  seeds,
  maxLength: 1024 * 1024 + 1,
  leastAccepted: 50,
  leastReasons: 30,
  mutate: (random, input, corpus) => {
    if (random.once(200)) return toBytes(bomb(random));
    if (random.once(8)) return mutateBytes(random, input, corpus);
    if (random.once(2)) return toBytes(mutateText(random, Buffer.from(input).toString('utf8')));
    const value = asTree(input) ?? tree;
    const changed = mutateTree(random, random.once(2) ? mutateTree(random, value, pool) : value, pool);
    return toBytes(random.once(3) ? JSON.stringify(changed) : toYaml(changed));
  },
  execute: (input) => {
    const text = Buffer.from(input).toString('utf8');
    const outcome = outcomeOf(() => parseYaml(text, policySchema, FILE), reasonOf, {
      accepted: (policy) => ({
        kind: [...policy.keys.values()].map(({ kind }) => kind).join(),
        verify: () => {
          const value = parseYaml(text, z.json(), FILE);
          for (const again of [toYaml(value), JSON.stringify(value)]) {
            demand(
              isDeepStrictEqual(parseYaml(again, policySchema, FILE), policy),
              `another policy when written as ${again}`,
            );
          }
        },
      }),
    });
    demand(
      Object.keys(Object.prototype).length === 0 && !('polluted' in {}),
      'the prototype of all objects was changed',
    );
    return outcome;
  },
};

/** What is wrong, without where: lines, names of keys and numbers are left out. Every problem must say where it is. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof ConfigError)) return undefined;
  for (const { where, problem } of error.problems) {
    const ofWhole = /^(longer than|expected one YAML document|document: )/.test(problem);
    demand(
      /^policy\.yaml:\d+$/.test(where) || (ofWhole && where === FILE),
      `a problem without a line: ${where}: ${problem}`,
    );
  }
  const [first] = error.problems;
  return (
    first?.problem
      .replaceAll(/keys\.[^:]*\.(?=stellar|evm|callers)/g, '')
      .replaceAll(/[0-9]+|"[^"]*"|'[^']*'/g, 'x')
      .slice(0, 60) ?? 'none'
  );
}

function mutateText(random: Random, text: string): string {
  const lines = text.split('\n');
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  const column = random.below(line.length + 1);
  switch (random.below(8)) {
    case 0:
      return lines.toSpliced(at, 1).join('\n');
    case 1:
      return lines.toSpliced(at, 0, random.pick(lines)).join('\n');
    case 2:
      return lines.with(at, `${random.pick(['', ' ', '  ', '\t'])}${line.trimStart()}`).join('\n');
    case 3:
      return lines.with(at, line.replace(/: .*/, `: ${random.pick(SNIPPETS)}`)).join('\n');
    case 4:
      return lines.with(at, `${line.slice(0, column)}${random.pick(SNIPPETS)}${line.slice(column)}`).join('\n');
    case 5:
      return lines.toSpliced(at, 0, `${/^ */.exec(line)?.[0]}${random.pick(SNIPPETS)}`).join('\n');
    case 6:
      return lines
        .with(at, random.once(2) ? `${line} # ${random.pick(SNIPPETS).replaceAll(/\s/g, '')}` : `${line}  `)
        .join('\n');
    default:
      return lines.toSpliced(at, 0, random.once(2) ? '' : '# nothing').join('\n');
  }
}

/** Text that takes a careless parser long, much memory or its whole stack. */
function bomb(random: Random): string {
  const size = random.pick([10, 300, 3_000]);
  const deep = random.pick(DEEP);
  switch (random.below(5)) {
    case 0:
      return deep.repeat(size);
    case 1:
      return `version: ${deep.repeat(size)}`;
    case 2:
      return `a0: &a0 [x, x]\n${Array.from({ length: Math.min(size, 99) }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join('\n')}`;
    case 3:
      return `${POLICY_YAML}${Array.from({ length: size }, (_, i) => `k${i}: 1\n`).join('')}`;
    default:
      return Array.from({ length: Math.min(size, 500) }, (_, i) => `${' '.repeat(i)}a:\n`).join('');
  }
}

function asTree(input: Uint8Array): Json | undefined {
  try {
    return parseYaml(Buffer.from(input).toString('utf8'), z.json(), FILE) as Json;
  } catch {
    return undefined;
  }
}

function toBytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
