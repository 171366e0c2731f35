import type { z } from 'zod';

/** A schema of zod as JSON Schema says it. */
export type Schema = z.core.JSONSchema.BaseSchema;

/** `true`, `false` and nothing are schemas too: they say nothing. */
export const asSchema = (schema: boolean | Schema | readonly unknown[] | undefined): Schema =>
  typeof schema !== 'object' || isList(schema) ? {} : schema;

const isList = (value: object): value is readonly unknown[] => Array.isArray(value);

/** Kinds of text that have a name; their patterns would tell nobody more. */
const FORMATS: Readonly<Record<string, string>> = { uri: 'URL', 'date-time': 'time (ISO 8601)' };

const code = (text: unknown): string => `\`${String(text)}\``;

/**
 * What a word takes, in words.
 * @param told whether the entries of a list are told elsewhere
 * @returns undefined where the schema does not say
 */
export function typeOf(schema: Schema, told = false): string | undefined {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(' or ');
  if (schema.anyOf !== undefined) {
    // The words of two sections, or of a map, would be on no page, or on it as if they were of one.
    const sections = schema.anyOf.filter((one) => one.type === 'object');
    if (sections.length > 1 || sections.some((one) => one.properties === undefined)) return undefined;
    return joined(schema.anyOf.map(alone), ' or ');
  }
  if (schema.oneOf !== undefined) return kindsOf(schema).includes(undefined) ? undefined : 'section';
  switch (schema.type) {
    case 'string':
      return FORMATS[schema.format ?? ''] ?? 'text';
    case 'integer':
      return 'integer';
    case 'number':
      return 'number';
    case 'boolean':
      return '`true` or `false`';
    case 'array':
      return told ? 'list' : joined(['list of', listed(asSchema(schema.items))], ' ');
    case 'object':
      return typeof schema.additionalProperties === 'object' ? 'map' : 'section';
    default:
      return undefined;
  }
}

/** Of a section that is one of several kinds: the word that each of them is told by, undefined where there is none. */
export function kindsOf({ oneOf = [] }: Schema): readonly (string | undefined)[] {
  return oneOf.map((kind) => {
    const told = Object.values(asSchema(kind).properties ?? {}).map((field) => asSchema(field).const);
    return told.find((word) => typeof word === 'string');
  });
}

const alone = (schema: Schema): string | undefined => typeOf(schema);

const listed = (item: Schema): string | undefined => (item.properties === undefined ? typeOf(item) : 'sections');

function joined(parts: readonly (string | undefined)[], separator: string): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join(separator);
}

/** What of its type a word takes: its own bounds, those of a list's entries, and those of a map's names. */
export function boundsOf(schema: Schema): string {
  const bounds = [
    ...range(schema.minimum, schema.maximum),
    ...sized(schema.minLength, schema.maxLength, 'characters', 'not empty'),
    ...sized(schema.minItems, schema.maxItems, 'entries', 'at least one'),
    ...(schema.pattern === undefined || schema.format !== undefined ? [] : [code(schema.pattern)]),
    ...(schema.anyOf ?? []).map((one) => boundsOf(one)),
  ];
  if (schema.items !== undefined) bounds.push(...prefixed('each: ', boundsOfScalar(asSchema(schema.items))));
  if (schema.propertyNames !== undefined) bounds.push(...prefixed('names: ', boundsOf(asSchema(schema.propertyNames))));
  return bounds.filter((bound) => bound !== '').join('; ');
}

const boundsOfScalar = (schema: Schema): string => (schema.properties === undefined ? boundsOf(schema) : '');

const prefixed = (prefix: string, bounds: string): string[] => (bounds === '' ? [] : [prefix + bounds]);

/** `some` says that there has to be one, which is the usual bound. */
function sized(least: number | undefined, most: number | undefined, unit: string, some: string): string[] {
  return least === 1 && most === undefined ? [some] : range(least, most).map((bound) => `${bound} ${unit}`);
}

/** The bounds of every safe integer, which zod gives to each one, are none. */
function range(least: number | undefined, most: number | undefined): string[] {
  const from = least === undefined || least === Number.MIN_SAFE_INTEGER ? undefined : least;
  const to = most === undefined || most === Number.MAX_SAFE_INTEGER ? undefined : most;
  if (from === undefined && to === undefined) return [];
  if (from === undefined) return [`at most ${to}`];
  if (to === undefined) return [`at least ${from}`];
  return [`${from}–${to}`];
}
