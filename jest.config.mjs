import { filesWithoutCode } from './tools/files-without-code.mjs';

// TypeScript sources run as ES modules through swc; workspace packages resolve to their sources (the `@countersign/source` condition).
export default {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['@countersign/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/{packages,services}/*/src/**/*.test.ts', '<rootDir>/{test,tools}/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/.stryker-tmp/'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
  reporters: ['default', '<rootDir>/tools/jest-count-reporter.mjs'],
  testTimeout: 30_000,
  maxWorkers: 2,
  // A worker keeps the ES modules of every suite that it has run: from a few gigabytes on it does little but collect garbage.
  workerIdleMemoryLimit: '1GB',
  coverageProvider: 'v8',
  collectCoverageFrom: [
    '{packages,services}/*/src/**/*.ts',
    '!**/*.test.ts',
    '!**/gen/**',
    '!packages/dev/**',
    '!**/main.ts',
  ],
  coveragePathIgnorePatterns: [
    '/node_modules/',
    ...filesWithoutCode(import.meta.dirname).map((file) => `/${RegExp.escape(file)}$`),
  ],
  coverageReporters: ['text-summary', 'lcovonly'],
};
