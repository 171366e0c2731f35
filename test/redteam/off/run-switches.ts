import type { Arena } from '../arena.ts';
import type { Attack } from '../attack.ts';
import type { Patch } from './patch.ts';
import { loadPatched } from './patched-code.ts';
import type { Switch } from './switch.ts';

/** How an attack ended with a guard off. */
export interface SwitchResult {
  readonly outcome: string;
  /** With each patch alone, where there are two. */
  readonly alone: readonly string[];
}

let graphs = 0;

/** Runs the attack against a signer of its own without the guard; what is thrown on the way is an outcome too. */
export async function runSwitch(arena: Arena, attack: Attack, { patches }: Switch): Promise<SwitchResult> {
  const outcome = await outcomeOf(arena, attack, patches);
  const alone: string[] = [];
  if (patches.length > 1) for (const patch of patches) alone.push(await outcomeOf(arena, attack, [patch]));
  return { outcome, alone };
}

async function outcomeOf(arena: Arena, attack: Attack, patches: readonly Patch[]): Promise<string> {
  try {
    await using attacker = await arena.attacker(await loadPatched(`off-${++graphs}`, patches));
    return await attack.run(attacker);
  } catch (error) {
    return `error: ${error instanceof Error ? error.message : String(error)}`;
  }
}
