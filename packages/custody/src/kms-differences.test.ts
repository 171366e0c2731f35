import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { DIFFERENCES, type KmsName, RULES, rulesFor } from '../testing/rules/rules.ts';

const PAGE = new URL('../../../docs/kms-emulators.md', import.meta.url);
const SHOWN = ['dev KMS', 'local-kms', 'ministack'] as const satisfies readonly KmsName[];

/** The rows of the page's one table, without its heading, as cells. */
const rows = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) => line.slice(2, -2).split(' | '));

test('the page has a row for each rule that an emulator breaks, in the rules’ order, and says the same', () => {
  const differing = RULES.filter(({ title }) => SHOWN.some((name) => title in DIFFERENCES[name]));
  const answers = new Map(
    SHOWN.map((name) => [name, new Map(rulesFor(name).map(({ title }) => [title, DIFFERENCES[name][title] ?? '=']))]),
  );
  const expected = differing.map(({ title, aws, page }) => [
    title,
    `${aws} ([page](https://docs.aws.amazon.com${page}))`,
    ...SHOWN.map((name) => answers.get(name)?.get(title) ?? 'not asked'),
  ]);
  expect(rows.map((cells) => cells.slice(0, -1))).toEqual(expected);
});

test('every row says how the suite treats it', () => {
  expect(rows.filter((cells) => !cells.at(-1)?.trim())).toEqual([]);
});

test('each difference belongs to a rule, is one, and each rule has a title of its own', () => {
  const aws = new Map(RULES.map((rule) => [rule.title, rule.aws]));
  expect(aws.size).toBe(RULES.length);
  for (const differences of Object.values(DIFFERENCES)) {
    for (const [title, observed] of Object.entries(differences)) {
      expect(aws.get(title)).toEqual(expect.any(String));
      expect(observed).not.toBe(aws.get(title));
    }
  }
});
