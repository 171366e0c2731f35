import { afterEach, expect, test } from '@jest/globals';
import { describePart } from './describe-part.ts';

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

/** What a part's suite becomes: each `describe` and `test` in a line, the thrown text of a test after it. */
function suiteOf(env: Readonly<Record<string, string>>): string[] {
  process.env = { PATH: '', ...env };
  const lines: string[] = [];
  const describe = Object.assign((title: string, body: () => void) => [lines.push(`describe ${title}`), body()], {
    skip: (title: string, body: () => void) => [lines.push(`skip ${title}`), body()],
  });
  const test = (title: string, body: () => void) => {
    lines.push(`test ${title}`);
    try {
      body();
    } catch (error) {
      lines.push(String(error));
    }
  };
  describePart({ describe, test }, 'promtool', ({ name }) => lines.push(`body of ${name}`));
  return lines;
}

test('a part that is there gets its tests, under its name and version', () => {
  expect(suiteOf({ PROMTOOL: process.execPath })).toEqual([
    'describe over promtool unknown-version',
    'body of promtool',
  ]);
});

const ABSENT = 'Error: promtool: expected the part, got nothing: it is neither on PATH nor in PROMTOOL';

test('a part that is not there is skipped under a name that says so', () => {
  expect(suiteOf({})).toEqual([
    'skip over promtool: skipped, not found (neither on PATH nor in PROMTOOL)',
    'test promtool is on this machine',
    ABSENT,
  ]);
});

test.each(['1', 'promtool'])('where it is required (%s), that it is not there is a failure', (required) => {
  expect(suiteOf({ COUNTERSIGN_REQUIRE_PARTS: required })).toEqual([
    'describe over promtool: required, not found (neither on PATH nor in PROMTOOL)',
    'test promtool is on this machine',
    ABSENT,
  ]);
});
