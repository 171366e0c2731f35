// `npm test`: every test, with coverage, and the least of it that the parts which guard money must have.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import base from '../jest.config.mjs';

const guarded = [
  'services/signer',
  'packages/audit',
  'packages/bundle',
  'packages/chains',
  'packages/contract',
  'packages/custody',
  'packages/policy',
  'packages/runtime',
  'packages/sshsig',
];

export default {
  ...base,
  rootDir: dirname(dirname(fileURLToPath(import.meta.url))),
  collectCoverage: true,
  coverageReporters: ['text-summary', 'lcovonly', 'json-summary'],
  coverageThreshold: Object.fromEntries(guarded.map((folder) => [`./${folder}/`, { lines: 95, branches: 90 }])),
};
