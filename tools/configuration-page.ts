// Writes what docs/ tells of the configuration from the schemas that read it: configuration.md, and the JSON Schema of the policy
// file. With --check it compares instead, and exits with 1 where they differ. Runs on the sources: node
// --conditions=@countersign/source.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { policyJsonSchema } from '@countersign/policy/json-schema';
import { configurationPage } from './configuration/page.ts';
import { SECTIONS } from './configuration/sections.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const pages = {
  'docs/configuration.md': configurationPage(SECTIONS),
  'docs/policy.schema.json': policyJsonSchema(),
};

for (const [page, text] of Object.entries(pages)) {
  const file = join(root, page);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    console.log(`${page} is not what the schemas say; run npm run generate`);
    process.exitCode = 1;
  }
}
