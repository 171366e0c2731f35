import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ATTACKS } from './attacks.ts';
import { readClaims } from './claims.ts';
import { GUARDS } from './guards.ts';
import { checkPatches } from './off/patch.ts';
import { SWITCHES } from './off/switches.ts';

const root = join(import.meta.dirname, '../..');
const RED_TEAM = 'test/redteam/redteam.test.ts';
const claims = readClaims();

describe('the claims of the threat model', () => {
  test('have a number each, in their order, and something that shows them', () => {
    expect(claims.length).toBeGreaterThan(20);
    expect(claims.map(({ id }) => id)).toEqual(claims.map((_, i) => `C${i + 1}`));
    expect(claims.filter(({ shownBy }) => shownBy.length === 0)).toEqual([]);
  });

  test('name the red team exactly where it attacks them', () => {
    const attacked = new Set(ATTACKS.map(({ claim }) => claim));
    const named = claims.filter(({ shownBy }) => shownBy.includes(RED_TEAM)).map(({ id }) => id);
    expect(named.toSorted()).toEqual([...attacked].toSorted());
  });
});

describe('the attacks', () => {
  test('are more than 200, each another one', () => {
    expect(ATTACKS.length).toBeGreaterThan(200);
    for (const part of ['id', 'title'] as const) {
      const twice = ATTACKS.filter(
        (attack, i) => ATTACKS.findIndex((other) => other[part] === attack[part] && other.rail === attack.rail) < i,
      );
      expect(twice.map(({ id }) => id)).toEqual([]);
    }
  });

  test('name every guard there is, each in a file that exists', () => {
    const named = new Set<string>(ATTACKS.map(({ guard }) => guard));
    expect(Object.keys(GUARDS).filter((guard) => !named.has(guard))).toEqual([]);
    expect(Object.values(GUARDS).filter(({ file }) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('the guards that are switched off', () => {
  test('are more than 30, each named by its attack, each with the guard behind it where there is one', () => {
    expect(new Set(SWITCHES.map(({ guard }) => guard)).size).toBeGreaterThan(30);
    const named = new Map(ATTACKS.map(({ id, guard }) => [id, guard]));
    expect(SWITCHES.filter(({ attack, guard }) => named.get(attack) !== guard)).toEqual([]);
    expect(SWITCHES.filter(({ patches, alone = [] }) => (patches.length === 1 ? 0 : 2) !== alone.length)).toEqual([]);
  });

  test.each(SWITCHES)('$guard ($attack): each patch finds its place in the source, once', ({ patches }) => {
    expect(() => checkPatches(patches)).not.toThrow();
  });
});
