// Checks who imports whom, against tools/boundaries-rules.ts.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkBoundaries } from './boundaries/check-boundaries.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { files, imports, violations } = checkBoundaries(root);
for (const violation of violations) console.log(violation);
console.log(`${files} files, ${imports} imports, ${violations.length} violations`);
// A checker that saw nothing has checked nothing.
process.exitCode = violations.length > 0 || files === 0 ? 1 : 0;
