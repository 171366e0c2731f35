import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';

/**
 * The source files that hold types, or names of other files, and nothing that runs. V8 never sees them, and Jest would
 * count every line of them as not covered.
 */
export function filesWithoutCode(root) {
  const sources = globSync('{packages,services}/*/src/**/*.ts', { cwd: root });
  return sources.filter((file) => {
    const { body } = parseSync(readFileSync(join(root, file), 'utf8'), { syntax: 'typescript', decorators: true });
    return body.every(runsNothing);
  });
}

function runsNothing(statement) {
  switch (statement.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'TsInterfaceDeclaration':
    case 'TsTypeAliasDeclaration':
      return true;
    case 'ExportNamedDeclaration':
      return statement.source !== null || statement.typeOnly;
    case 'ExportDeclaration':
      return runsNothing(statement.declaration);
    default:
      return false;
  }
}
