import type { z } from 'zod';

type Field = PropertyKey | readonly PropertyKey[];

/** Turns what a parser throws into an issue at the path of the field, and goes on, so that one load shows every mistake. */
export class Checker {
  readonly #context: z.RefinementCtx;
  readonly #path: readonly PropertyKey[];

  constructor(context: z.RefinementCtx, path: readonly PropertyKey[]) {
    this.#context = context;
    this.#path = path;
  }

  in(field: Field): Checker {
    return new Checker(this.#context, [...this.#path, ...[field].flat()]);
  }

  read<T>(field: Field, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      this.fail(field, error instanceof Error ? error.message : 'not valid');
      return undefined;
    }
  }

  fail(field: Field, message: string): undefined {
    this.#context.addIssue({ code: 'custom', path: [...this.#path, ...[field].flat()], message });
  }
}

export function present<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
