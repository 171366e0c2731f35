import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of the claims in docs/threat-model.md. */
export interface Claim {
  readonly id: string;
  /** Paths of what shows it. */
  readonly shownBy: readonly string[];
}

const ROW = /^\| (?<id>\S*) \| (?<claim>.+) \| (?<shownBy>.+) \|$/;

/** Every row between the heading *Claims* and the next one. */
export function readClaims(): Claim[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/threat-model.md'), 'utf8');
  const [, section = ''] =
    page
      .split(/^## /m)
      .find((text) => text.startsWith('Claims'))
      ?.split('Claims\n') ?? [];
  const rows = section.split('\n').filter((line) => line.startsWith('|') && !/^\|(?: \||---)/.test(line));
  return rows.map((row) => {
    const { id = '', shownBy = '' } = ROW.exec(row)?.groups ?? {};
    return { id, shownBy: [...shownBy.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path) };
  });
}
