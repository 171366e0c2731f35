import type { GuardName } from '../guards.ts';
import type { Patch } from './patch.ts';

/** A guard that is switched off in the source, and an attack that then gets through. */
export interface Switch {
  readonly guard: GuardName;
  /** The id of an attack that names this guard. */
  readonly attack: string;
  /** How it ends with the guard off; `signed` unless said otherwise. */
  readonly through?: string;
  /** One, or two where a second guard stands behind the first. */
  readonly patches: readonly Patch[];
  /** Of two patches: how the attack ends with each of them alone, in their order. */
  readonly alone?: readonly [string, string];
}

/** Text of a file in place of other text. */
export function change(file: string, find: string, replace: string): Patch {
  return { file, find, replace };
}

/** What the guard found is no longer thrown. */
export function unthrown(file: string, error: string): Patch {
  return { file, find: `throw ${error}`, replace: `void ${error}` };
}

/** What the guard found is no longer told. */
export function untold(file: string, reason: string): Patch {
  return { file, find: `yield ${reason}`, replace: `void ${reason}` };
}
