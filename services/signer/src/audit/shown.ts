/** Text from a caller as an event or a log line may hold it: 64 characters, no control characters, well-formed Unicode. */
export function shown(text: string): string {
  return text
    .slice(0, 64)
    .toWellFormed()
    .replace(/\p{Cc}/gu, '\u{fffd}');
}
