import { z } from 'zod';
import { asSchema, boundsOf, kindsOf, type Schema, typeOf } from './shape.ts';

/** One word of a configuration file, or one variable: a row of docs/configuration.md. */
export interface Word {
  /** `treasuries[].key`, `keys.<key id>.algorithm`, `LOG_LEVEL`. */
  readonly path: string;
  readonly type: string;
  /** What holds without it, as one writes it; undefined where nothing does. */
  readonly fallback: string | undefined;
  readonly required: boolean;
  readonly bounds: string;
  readonly meaning: string;
}

/**
 * Every word that a schema reads, in its order: the fields of objects, in lists and maps too, and the values of maps that
 * are no objects. A section of one of several kinds has the words of each, `custodies.kms (aws-kms).key`.
 * @param told paths of words whose own words are told elsewhere: their schema need not say what they take
 * @throws Error naming each word without a `.describe()`, and each whose schema does not say what it takes
 */
export function wordsOf(schema: z.ZodType, told: readonly string[] = []): Word[] {
  const problems: string[] = [];
  // What goes in, not what comes out: a file is described as it is written.
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' });
  const words = [...wordsBelow(json, '', problems, told)];
  if (problems.length > 0) throw new Error(problems.join('; '));
  return words;
}

function* wordsBelow(schema: Schema, path: string, problems: string[], told: readonly string[]): Generator<Word> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const required = schema.required?.includes(name) === true;
    yield* wordsAt(asSchema(field), path === '' ? name : `${path}.${name}`, required, problems, told);
  }
  const value = schema.additionalProperties;
  if (typeof value === 'object') {
    const entry = `${path}.<${asSchema(schema.propertyNames).title ?? 'name'}>`;
    if (value.properties !== undefined) yield* wordsBelow(value, entry, problems, told);
    else yield* wordsAt(value, entry, false, problems, told);
  }
  if (schema.items !== undefined) yield* wordsBelow(asSchema(schema.items), `${path}[]`, problems, told);
  for (const form of schema.anyOf ?? []) yield* wordsBelow(asSchema(form), path, problems, told);
  const kinds = kindsOf(schema);
  for (const [index, form] of (schema.oneOf ?? []).entries()) {
    yield* wordsBelow(asSchema(form), `${path} (${kinds[index]})`, problems, told);
  }
}

function* wordsAt(
  schema: Schema,
  path: string,
  required: boolean,
  problems: string[],
  told: readonly string[],
): Generator<Word> {
  const type = typeOf(schema, told.includes(path));
  if (schema.description === undefined) problems.push(`${path}: no description`);
  if (type === undefined) problems.push(`${path}: its schema does not say what it takes`);
  yield {
    path,
    type: type ?? '',
    fallback: typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default),
    required: required && schema.default === undefined,
    bounds: boundsOf(schema),
    meaning: schema.description ?? '',
  };
  yield* wordsBelow(schema, path, problems, told);
}
