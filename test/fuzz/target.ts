import type { Random } from './random.ts';

/** Something that reads bytes of anybody's making, and what must hold of it whatever the bytes. */
export interface Target {
  readonly name: string;
  /** Valid inputs: all others come from these. */
  readonly seeds: readonly Uint8Array[];
  /** The longest input that is tried. */
  readonly maxLength: number;
  /** Of a thousand executions, how many are accepted at least: with fewer, the second implementation has nothing to compare. */
  readonly leastAccepted: number;
  /** How many different reasons of refusal a run of a second or more comes upon at least. */
  readonly leastReasons: number;
  mutate(random: Random, input: Uint8Array, corpus: readonly Uint8Array[]): Uint8Array;
  /** The code under test, alone: this is what is timed. */
  execute(input: Uint8Array): Outcome;
}

export type Outcome =
  /** `kind` tells accepted inputs of different shape apart; `verify` throws a Finding where a second implementation disagrees. */
  | { readonly accepted: true; readonly kind: string; readonly verify: () => void }
  /** `reason` is the stable code and the field. */
  | { readonly accepted: false; readonly reason: string; readonly verify?: () => void };

/** What must not be: a crash, a hang, something accepted that another implementation reads otherwise. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** The outcome of a call whose one error class is known; any other error is a finding. */
export function outcomeOf<T>(
  call: () => T,
  known: (error: unknown) => string | undefined,
  judge: { accepted: (value: T) => { kind: string; verify: () => void }; refused?: (reason: string) => void },
): Outcome {
  let value: T;
  try {
    value = call();
  } catch (error) {
    const reason = known(error);
    if (reason === undefined) throw new Finding(`an error of no known class: ${describe(error)}`, { cause: error });
    const { refused } = judge;
    return { accepted: false, reason, ...(refused && { verify: () => refused(reason) }) };
  }
  return { accepted: true, ...judge.accepted(value) };
}

export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Finding(what);
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.stack}` : String(error);
}
