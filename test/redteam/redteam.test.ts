import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Arena, openArena } from './arena.ts';
import type { Attacker } from './attacker.ts';
import { ATTACKS } from './attacks.ts';
import { GUARDS } from './guards.ts';

let arena: Arena;
let attacker: Attacker;

beforeAll(async () => {
  arena = await openArena();
  attacker = await arena.attacker();
});
afterEach(() => attacker.setClock());
afterAll(async () => {
  await attacker[Symbol.asyncDispose]();
  await arena[Symbol.asyncDispose]();
});

describe('an attacker with the API’s certificate and process', () => {
  test.each(ATTACKS)('$rail: $title: $refused', async ({ run, refused, guard }) => {
    expect(await run(attacker)).toBe(refused);
    const { stage } = GUARDS[guard];
    if (stage !== 'wall' && stage !== 'start' && stage !== 'outside') expect(attacker.refusedAt()).toBe(stage);
  });
});
