// Writes docs/red-team.md from the attacks of test/redteam; with --check it compares instead, and exits with 1 when they differ.
// Runs on what is built: `npm run build` first.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTACKS } from '../attacks.ts';
import { SWITCHES } from '../off/switches.ts';
import { redTeamPage } from './page.ts';

const PAGE = 'docs/red-team.md';
const file = join(import.meta.dirname, '../../..', PAGE);

const page = redTeamPage(ATTACKS, SWITCHES);
if (!process.argv.includes('--check')) {
  writeFileSync(file, page);
} else if (readFileSync(file, 'utf8') !== page) {
  console.log(`${PAGE} is not what test/redteam says; run npm run generate`);
  process.exitCode = 1;
}
