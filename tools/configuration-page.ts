// Writes docs/configuration.md from the schemas that read the configuration; with --check it compares instead, and exits
// with 1 when they differ. Runs on the sources: node --conditions=@countersign/source.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './configuration/page.ts';
import { SECTIONS } from './configuration/sections.ts';

const PAGE = 'docs/configuration.md';
const file = join(dirname(dirname(fileURLToPath(import.meta.url))), PAGE);

const page = configurationPage(SECTIONS);
if (!process.argv.includes('--check')) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  console.log(`${PAGE} is not what the schemas say; run npm run generate`);
  process.exitCode = 1;
}
