import { absenceOf, findPart, isRequired, type Part, type PartName } from './find-part.ts';

/** Jest's `describe` and `test`: whoever calls brings them, so that this module needs no test runner. */
export interface TestRunner {
  readonly describe: ((title: string, body: () => void) => void) & { skip(title: string, body: () => void): void };
  readonly test: (title: string, body: () => void) => void;
}

/**
 * A suite over a real part, under a title that the closing line of the run is made of: `over ministack 1.5.33`. Without
 * the part there is one test in its place: skipped with a title that says so, or failing where the part is required.
 */
export function describePart({ describe, test }: TestRunner, name: PartName, body: (part: Part) => void): void {
  const part = findPart(name);
  if (part !== undefined) {
    describe(`over ${name} ${part.version}`, () => body(part));
    return;
  }
  const where = absenceOf(name);
  const required = isRequired(name);
  const suite = required ? describe : describe.skip;
  suite(`over ${name}: ${required ? 'required' : 'skipped'}, not found (${where})`, () => {
    test(`${name} is on this machine`, () => {
      throw new Error(`${name}: expected the part, got nothing: it is ${where}`);
    });
  });
}
