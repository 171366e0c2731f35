import { type Document, isMap, isScalar, parseDocument } from 'yaml';

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
  for (const { path, value } of edits) {
    fillEmpty(document, path);
    document.setIn(path, document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}

/** A section that has nothing in it, `keys:` or `keys: {}`, becomes one that takes words on lines of their own. */
function fillEmpty(document: Document, path: readonly string[]): void {
  for (let length = 1; length < path.length; length++) {
    const section = path.slice(0, length);
    const found = document.getIn(section, true);
    if (!isMap(found) && !isScalar(found)) continue;
    if (isMap(found) ? found.items.length > 0 : found.value !== null) continue;
    const { comment, commentBefore } = found;
    document.setIn(section, Object.assign(document.createNode({}), { comment, commentBefore }));
  }
}
