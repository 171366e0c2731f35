/** What a backend says goes into logs and audit events: printable ASCII, at most 200 characters. */
export function cleaned(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
}
