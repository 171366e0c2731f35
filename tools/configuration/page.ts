import type { z } from 'zod';
import { type Word, wordsOf } from './words.ts';

/** A part of docs/configuration.md: one file, or the variables of one service. */
export interface Section {
  readonly title: string;
  /** Markdown, below the title. */
  readonly text: string;
  readonly schema: z.ZodType;
  /** Paths whose words another section tells. */
  readonly told?: readonly string[];
}

const HEADING = `# Configuration

This page is made from the schemas that read the configuration: \`npm run generate\` writes it, and \`npm run check\` fails where it is not what the
schemas say. A service reads its variables once, at its start, and of the files it watches those that say so. It does not start on anything wrong: it
names the variable, or the file, line and word, and never the value. A variable that is empty counts as one that is not set. Files are YAML, read strictly: a word that is not on this
page is refused, and so are a word that stands twice, anchors, aliases and tags. Money stands in quotes.`;

/** @throws Error naming the section and each of its words that does not say what it is */
export function configurationPage(sections: readonly Section[]): string {
  return `${[HEADING, ...sections.map(sectionText)].join('\n\n')}\n`;
}

function sectionText({ title, text, schema, told }: Section): string {
  const rows = wordsIn(title, schema, told).map(
    ({ path, type, required, fallback, bounds, meaning }) =>
      [
        `\`${path}\``,
        type,
        required ? 'required' : fallback === undefined ? 'none' : `\`${fallback}\``,
        bounds,
        meaning,
      ] as const,
  );
  const table = [['word', 'takes', 'default', 'bounds', 'meaning'], ['---', '---', '---', '---', '---'], ...rows];
  return [`## ${title}`, text, table.map((cells) => `| ${cells.map(escaped).join(' | ')} |`).join('\n')].join('\n\n');
}

function wordsIn(title: string, schema: z.ZodType, told: readonly string[] | undefined): Word[] {
  try {
    return wordsOf(schema, told);
  } catch (cause) {
    throw new Error(`${title}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** A bar would end the cell, in code too. */
const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
