import { parseArgs } from 'node:util';
import { UsageError } from './command.ts';

/** Reads `--name value` for these names, and nothing else. @throws UsageError, or the error of parseArgs */
export function readOptions<Required extends string, Optional extends string>(
  args: readonly string[],
  required: readonly Required[],
  optional: readonly Optional[],
): Readonly<Record<Required, string> & Partial<Record<Optional, string>>> {
  const names = [...required, ...optional];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string', multiple: true } as const]));
  const { values } = parseArgs({ args: [...args], options, allowPositionals: false });
  const read: Record<string, string> = {};
  for (const [name, given] of Object.entries(values)) {
    const [value, ...more] = given ?? [];
    if (value === undefined || value === '' || more.length > 0) throw new UsageError(`--${name}: expected one value`);
    read[name] = value;
  }
  const missing = required.filter((name) => read[name] === undefined);
  if (missing.length > 0) throw new UsageError(`expected ${missing.map((name) => `--${name}`).join(', ')}`);
  return read as Record<Required, string> & Partial<Record<Optional, string>>;
}

/** @param option as it is called on the command line. @throws UsageError */
export function timeOf(option: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const time = new Date(text);
  if (!/^\d{4}-\d\d-\d\dT.*Z$/.test(text) || Number.isNaN(time.getTime())) {
    throw new UsageError(`${option}: expected a time in UTC, like 2026-11-21T00:00:00Z`);
  }
  return time;
}
