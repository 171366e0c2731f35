// Control and format characters (those that turn the direction of text among them), private and lone ones, line ends, and any
// space but the plain one.
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;

/** Text of somebody else as a terminal may show it: in one line, with what is invisible or moves other text as `\uXXXX`. */
export function visible(text: string): string {
  return text.replace(HIDDEN, escaped);
}

/** JSON of somebody else's values, over several lines, made visible; it stays the same JSON. */
export function visibleJson(value: unknown): string {
  return (JSON.stringify(value, null, 2) ?? 'null').split('\n').map(visible).join('\n');
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');
}
