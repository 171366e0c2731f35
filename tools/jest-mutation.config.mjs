// `npm run mutation`: the unit tests of the code that is mutated, and no others: each mutant runs those that reach it.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import base from '../jest.config.mjs';

export default {
  ...base,
  rootDir: dirname(dirname(fileURLToPath(import.meta.url))),
  testMatch: [
    '<rootDir>/packages/{chains,policy}/src/**/*.test.ts',
    '<rootDir>/services/signer/src/signing/**/*.test.ts',
  ],
  reporters: ['default'],
};
