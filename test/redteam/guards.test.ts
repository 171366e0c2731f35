import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { SwitchResult } from './off/run-switches.ts';
import { SWITCHES } from './off/switches.ts';

let results: readonly SwitchResult[];

beforeAll(async () => {
  const main = join(import.meta.dirname, 'off', 'main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', main]);
  results = JSON.parse(stdout);
}, 600_000);

describe('without its guard, an attack gets through', () => {
  test.each(SWITCHES.map((guardOff, i) => ({ ...guardOff, i })))(
    '$guard: $attack',
    ({ i, through = 'signed', alone = [] }) => {
      expect(results[i]).toEqual({ outcome: through, alone });
    },
  );
});
