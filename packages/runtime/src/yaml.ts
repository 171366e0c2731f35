import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  Parser,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { z } from 'zod';
import { ConfigError, type ConfigProblem } from './config.ts';
import { deepFreeze } from './deep-freeze.ts';

const MAX_LENGTH = 1024 * 1024;
// A person reads no more of them, and finding the line of one takes as long as the file is.
const MAX_PROBLEMS = 100;
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  strict: true,
  uniqueKeys: false, // the library compares each key with each other one; see `repeatedKeys`
  stringKeys: true,
  merge: false,
  prettyErrors: false,
} as const;
// The messages of these quote the text, and the file may be another than the one that was meant.
const QUOTING = new Set<string>([
  'BAD_ALIAS',
  'BAD_COLLECTION_TYPE',
  'BAD_DIRECTIVE',
  'BAD_DQ_ESCAPE',
  'BAD_SCALAR_START',
  'TAG_RESOLVE_FAILED',
  'UNEXPECTED_TOKEN',
]);
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/**
 * Reads one YAML 1.2 document strictly: no duplicate keys, anchors, aliases, tags, merges or directives, keys are words,
 * and a number stands as it is written or is refused (hexadecimal, exponents and what a double cannot hold belong in
 * quotes). Unknown words are refused where `schema` uses `z.strictObject`.
 * @returns the parsed value, deeply frozen.
 * @throws ConfigError with `file:line` and the path of the field, and without values.
 */
export function parseYaml<Schema extends z.ZodType>(text: string, schema: Schema, fileName: string): z.output<Schema> {
  if (text.length > MAX_LENGTH) throw new ConfigError([{ where: fileName, problem: `longer than ${MAX_LENGTH}` }]);
  const lines = new LineCounter();
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const at = (offset: number | undefined): string =>
    offset === undefined ? fileName : `${fileName}:${lines.linePos(offset).line}`;

  // A composed document does not tell of all of them, nor of where they stood.
  const directives = tokens.filter(({ type }) => type === 'directive');
  if (directives.length > 0) {
    throw problems(directives, ({ offset }) => [{ where: at(offset), problem: 'directives are not allowed' }]);
  }
  const documents = [...new Composer(OPTIONS).compose(tokens)];
  const [document] = documents;
  if (document === undefined || documents.length !== 1) {
    throw new ConfigError([{ where: fileName, problem: `expected one YAML document, got ${documents.length}` }]);
  }
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    throw problems(broken, ({ pos, code, message }) => {
      const problem = QUOTING.has(code) ? `not YAML (${code.toLowerCase().replaceAll('_', ' ')})` : message;
      return [{ where: at(pos[0]), problem }];
    });
  }
  const refused = refusedNodes(document);
  if (refused.length > 0) {
    throw problems(refused, ({ node, problem }) => [{ where: at(node.range?.[0]), problem }]);
  }

  const result = schema.safeParse(document.toJS({ maxAliasCount: 0 }), { reportInput: false });
  if (result.success) return deepFreeze(result.data);
  throw problems(result.error.issues.flatMap(meantIssues), (issue) => describeIssue(document, issue, at));
}

function problems<T>(found: readonly T[], describe: (problem: T) => ConfigProblem[]): ConfigError {
  return new ConfigError(found.slice(0, MAX_PROBLEMS).flatMap(describe));
}

function refusedNodes(document: Document.Parsed): { node: Node; problem: string }[] {
  const refused: { node: Node; problem: string }[] = [];
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node)) refused.push({ node, problem: 'aliases are not allowed' });
      else if (node.anchor !== undefined) refused.push({ node, problem: 'anchors are not allowed' });
      else if (node.tag !== undefined) refused.push({ node, problem: 'tags are not allowed' });
      else if (isScalar(node) && typeof node.value === 'number' && !isPlainNumber(node.source)) {
        refused.push({ node, problem: 'this number needs quotes' });
      }
      if (!isMap(node)) return;
      for (const key of repeatedKeys(node)) refused.push({ node: key, problem: 'Map keys must be unique' });
    },
    Pair: (_, { key }) => {
      if (isScalar(key) && (key.value === '<<' || key.value === '__proto__')) {
        refused.push({ node: key, problem: 'this key is not allowed' });
      }
    },
  });
  return refused;
}

/** Keys that stand in a map a second time, however they are written. */
function repeatedKeys(map: YAMLMap): Scalar[] {
  const seen = new Set<unknown>();
  return map.items.flatMap(({ key }) => {
    if (!isScalar(key)) return [];
    const repeated = seen.has(key.value);
    seen.add(key.value);
    return repeated ? [key] : [];
  });
}

/** Whether a number survives being read into a double and written again. */
function isPlainNumber(source: string | undefined): boolean {
  return source !== undefined && PLAIN_NUMBER.test(source) && String(Number(source)) === source;
}

/** Of a word that takes one of several forms: what is wrong with the form that was meant, where its kind shows which that is. */
function meantIssues(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter((form) => form.length > 0 && !form.some(isOfAnotherKind));
  const [only] = meant;
  if (only === undefined || meant.length > 1) return [issue];
  return only.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(meantIssues);
}

const isOfAnotherKind = ({ code, path }: z.core.$ZodIssue): boolean =>
  path.length === 0 && (code === 'invalid_type' || code === 'invalid_value');

function describeIssue(
  document: Document.Parsed,
  issue: z.core.$ZodIssue,
  at: (offset: number | undefined) => string,
): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_PROBLEMS).map((key) => ({
      where: at(offsetOf(document, [...issue.path, key])),
      problem: `${pathText([...issue.path, key])}: unknown word`,
    }));
  }
  const missing = issue.code === 'invalid_type' && issue.path.length > 0 && !document.hasIn(issue.path);
  const problem = missing ? `missing, expected ${issue.expected}` : issue.message;
  return [{ where: at(offsetOf(document, issue.path)), problem: `${pathText(issue.path)}: ${problem}` }];
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0 ? 'document' : path.map(String).join('.');

/** Where the field stands, or else the nearest thing around it that exists. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const name = path[length - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && key.value === name);
      if (isPair(pair) && isNode(pair.key)) return pair.key.range?.[0];
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0];
  }
  return document.contents?.range?.[0];
}
