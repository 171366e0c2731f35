import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, readConfig } from './config.ts';

const schema = z.object({
  DATABASE_URL: z.url(),
  PORT: z.coerce.number().int().min(1).max(65535).default(9000),
  MODE: z.enum(['production', 'development']).default('production'),
  LIST: z
    .string()
    .transform((text) => text.split(','))
    .optional(),
});

function problems(env: NodeJS.ProcessEnv): ConfigError {
  try {
    readConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error('no ConfigError');
}

describe('readConfig', () => {
  test('reads what the schema names, and nothing else', () => {
    const config = readConfig(schema, { DATABASE_URL: 'postgres://h/d', PORT: '1', HOME: '/root' });
    expect(config).toEqual({ DATABASE_URL: 'postgres://h/d', PORT: 1, MODE: 'production' });
  });

  test('takes an empty variable for one that is not set', () => {
    expect(readConfig(schema, { DATABASE_URL: 'postgres://h/d', PORT: '', MODE: '' }).PORT).toBe(9000);
    expect(problems({ DATABASE_URL: '' }).problems.map(({ where }) => where)).toEqual(['DATABASE_URL']);
  });

  test('freezes the result all the way down', () => {
    const config = readConfig(schema, { DATABASE_URL: 'postgres://h/d', LIST: 'a,b' });
    expect(Object.isFrozen(config)).toBe(true);
    expect(() => config.LIST?.push('c')).toThrow(TypeError);
  });

  test('names every bad variable, and shows no value', () => {
    const error = problems({ DATABASE_URL: 'hunter2', PORT: '99999', MODE: 'hunter3' });
    expect(error.problems.map(({ where }) => where)).toEqual(['DATABASE_URL', 'PORT', 'MODE']);
    expect(error.message).toMatch(/^DATABASE_URL: .+; PORT: .+; MODE: /);
    expect(error.message).not.toMatch(/hunter|99999/);
    expect(error.cause).toBeUndefined();
  });

  test('says of one that is not there, or empty, that it is missing', () => {
    expect(problems({ DATABASE_URL: '' }).problems).toEqual([{ where: 'DATABASE_URL', problem: 'missing' }]);
  });

  test('names the environment where a rule is about several variables', () => {
    const both = schema.refine(() => false, { message: 'never' });
    expect(() => readConfig(both, { DATABASE_URL: 'postgres://h/d' })).toThrow('environment: never');
  });
});
