import { parseSync } from '@swc/core';
import { IMPURE_GLOBALS, IMPURE_MEMBERS } from '../boundaries-rules.ts';

/** What one file says about the world outside it. */
export interface Source {
  /** Names it imports or re-exports from, as values or as types, statically or dynamically. */
  readonly imports: ReadonlySet<string>;
  /** Dynamic imports whose name is not a literal. */
  readonly unnamedImports: number;
  /** Uses of the clock, of I/O, of chance: `Date.now`, `process`. */
  readonly impurities: ReadonlySet<string>;
}

// A node of swc's tree: always a `type`, and members that differ by it.
type SyntaxNode = { readonly type: string; readonly [member: string]: unknown };

export function readSource(text: string, file: string): Source {
  const found = { imports: new Set<string>(), unnamedImports: 0, impurities: new Set<string>() };
  const options = /\.[mc]?ts$/.test(file)
    ? ({ syntax: 'typescript', decorators: true, target: 'es2024' } as const)
    : ({ syntax: 'ecmascript', target: 'es2024' } as const);
  visit(parseSync(text, options), (node) => {
    const name = importedName(node);
    if (name !== undefined) found.imports.add(name);
    else if (node.type === 'CallExpression' && isNode(node['callee']) && node['callee'].type === 'Import') {
      found.unnamedImports++;
    }
    const impurity = impurityOf(node);
    if (impurity !== undefined) found.impurities.add(impurity);
  });
  return found;
}

/** The name in `import … from 'x'`, `export … from 'x'`, `import('x')`, `require('x')`, `typeof import('x')`. */
function importedName(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
      return stringOf(node['source']);
    case 'TsImportType':
      return stringOf(node['argument']);
    case 'TsExternalModuleReference':
      return stringOf(node['expression']);
    case 'CallExpression': {
      const callee = node['callee'];
      const [first] = Array.isArray(node['arguments']) ? node['arguments'] : [];
      if (!isNode(callee) || (callee.type !== 'Import' && identifierOf(callee) !== 'require')) return undefined;
      return stringOf(first?.expression);
    }
    default:
      return undefined;
  }
}

function impurityOf(node: SyntaxNode): string | undefined {
  if (node.type === 'Identifier') {
    const name = identifierOf(node);
    return name !== undefined && IMPURE_GLOBALS.has(name) ? name : undefined;
  }
  if (node.type === 'MemberExpression') {
    const name = `${identifierOf(node['object'])}.${identifierOf(node['property'])}`;
    return IMPURE_MEMBERS.has(name) ? name : undefined;
  }
  // `Date()` and `new Date()` say what time it is; `new Date(x)` does not.
  if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return undefined;
  if (identifierOf(node['callee']) !== 'Date') return undefined;
  const given = Array.isArray(node['arguments']) ? node['arguments'].length : 0;
  return node.type === 'NewExpression' && given > 0 ? undefined : 'the current Date';
}

/** Calls `look` for every node, except where an identifier is only the name of a member, a property or a type. */
function visit(value: unknown, look: (node: SyntaxNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, look);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (isNode(value)) look(value);
  for (const [member, inner] of Object.entries(value)) {
    const isName = (member === 'property' || member === 'key' || member === 'typeName') && identifierOf(inner);
    if (!isName) visit(inner, look);
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

const identifierOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'Identifier' && typeof node['value'] === 'string' ? node['value'] : undefined;

const stringOf = (node: unknown): string | undefined =>
  isNode(node) && node.type === 'StringLiteral' && typeof node['value'] === 'string' ? node['value'] : undefined;
