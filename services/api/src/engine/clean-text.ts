const LONGEST = 300;

/** Text from another machine, fit for a row and a log line: one line, printable, well formed, at most 300 characters. */
export function cleanText(text: string): string {
  const line = text
    .slice(0, 4 * LONGEST)
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const characters = [...line];
  return characters.length <= LONGEST ? line : `${characters.slice(0, LONGEST - 1).join('')}…`;
}
