/**
 * Text that a caller has a hand in, as an event or a log line may hold it: of bounded length, without control characters,
 * well-formed Unicode.
 */
export function shown(text: string, maxLength = 64): string {
  const clean = text
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\u{fffd}');
  return text.length > maxLength ? `${clean}…` : clean;
}
