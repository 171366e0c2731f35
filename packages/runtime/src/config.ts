import type { z } from 'zod';
import { deepFreeze } from './deep-freeze.ts';

export interface ConfigProblem {
  /** The variable, or the file, line and field. */
  readonly where: string;
  /** What was expected; never the value that was found. */
  readonly problem: string;
}

/** Configuration that a process must not start with. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ where, problem }) => `${where}: ${problem}`).join('; '));
    this.problems = problems;
  }
}

/**
 * Reads the variables that `schema` (an object of one entry per variable) names, and freezes the result deeply. An empty
 * variable counts as one that is not set.
 * @throws ConfigError naming every bad variable, and no value.
 */
export function readConfig<Schema extends z.ZodObject>(schema: Schema, env: NodeJS.ProcessEnv): z.output<Schema> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(present, { reportInput: false });
  if (result.success) return deepFreeze(result.data);
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const [variable] = issue.path.map(String);
      if (variable === undefined) return { where: 'environment', problem: issue.message };
      const missing = issue.code === 'invalid_type' && !Object.hasOwn(present, variable);
      return { where: variable, problem: missing ? 'missing' : issue.message };
    }),
  );
}
