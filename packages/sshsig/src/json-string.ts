/**
 * Any text as a JSON string of printable ASCII, of which there is one: `"` and `\` behind a backslash, every other UTF-16 unit
 * outside 0x20–0x7e as `\uXXXX` in lower case.
 */
export function jsonString(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/[^ -~]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}
