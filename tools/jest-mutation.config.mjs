// `npm run mutation`: the unit tests of the code that is mutated, and no others: each mutant runs those that reach it.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import base from '../jest.config.mjs';

// Stryker puts an environment of its own around Jest's, and looks for that one from here, where pnpm shows direct dependencies alone.
const environment = ['jest', 'jest-cli', 'jest-config', 'jest-environment-node'].reduce(
  (from, name) => createRequire(from).resolve(name),
  import.meta.filename,
);

export default {
  ...base,
  testEnvironment: environment,
  rootDir: dirname(dirname(fileURLToPath(import.meta.url))),
  testMatch: [
    `<rootDir>/${process.env['MUTATION_TESTS'] ?? '{packages/{chains,policy}/src,services/signer/src/{signing,reservation}}'}/**/*.test.ts`,
  ],
  reporters: ['default'],
};
