import { readFile } from 'node:fs/promises';

/** The last lines of a log file, indented; says so when there are none. */
export async function tailOf(file: string, lines = 25): Promise<string> {
  const text = (await readFile(file, 'utf8').catch(() => '')).trimEnd();
  if (text === '') return '  (no output)';
  return text
    .split('\n')
    .slice(-lines)
    .map((line) => `  ${line}`)
    .join('\n');
}
