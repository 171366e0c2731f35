import { parseDocument } from 'yaml';

export interface YamlEdit {
  /** The words that lead there. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/**
 * A YAML document with some values set, and all its other words and its comments kept; one that stands behind the name of a section
 * moves below it. What the text has to be is not looked at here: `parseYaml` reads what comes of it.
 */
export function editYaml(text: string, edits: readonly YamlEdit[]): string {
  const document = parseDocument(text);
  for (const { path, value } of edits) document.setIn(path, document.createNode(value));
  return document.toString({ lineWidth: 0 });
}
