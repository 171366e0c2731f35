// Who may import whom. tools/boundaries.ts holds every source file to this table; tools/boundaries.test.ts plants a
// violation of each row and sees it found.

/** A folder (`services/api`), every folder of a kind (`packages/*`), a package of npm (`viem`, `@nestjs/*`) or of Node (`node:*`). */
export type Target = string;

export interface ReachRule {
  readonly from: readonly Target[];
  /** Folders of `from` that are left out. */
  readonly notFrom?: readonly Target[];
  /** What the files of `from` may not reach: not by an import, not by the imports of what they import. */
  readonly never: readonly Target[];
  /** Exact import names that are allowed all the same. */
  readonly except?: readonly string[];
  /** Test code (see `isTestCode`) is held to it as well. */
  readonly alsoTests?: true;
  /** The rule holds for what package.json files pull in as well, down through npm's packages. */
  readonly alsoInstalled?: true;
  readonly why: string;
}

export const REACH_RULES: readonly ReachRule[] = [
  {
    from: ['services/api', 'packages/client'],
    never: ['packages/custody', 'packages/policy', 'packages/operator', '@aws-sdk/*', 'pkcs11js'],
    alsoInstalled: true,
    why: 'the control plane holds no key, and no way to one',
  },
  {
    from: ['services/api', 'packages/client'],
    never: ['services/signer'],
    why: 'the wall is crossed by its contract alone',
  },
  {
    from: ['services/signer'],
    never: ['services/api', '@nestjs/*', 'fastify'],
    alsoInstalled: true,
    why: 'the data plane knows nothing of the API',
  },
  {
    from: ['services/signer'],
    never: ['viem', 'axios', '@stellar/stellar-sdk'],
    except: ['@stellar/stellar-sdk/base', '@stellar/stellar-sdk/xdr'],
    why: 'the signer loads no RPC client of a chain',
  },
  {
    from: ['packages/operator'],
    never: ['packages/audit'],
    why: 'a log is verified by other code than what wrote it',
  },
  {
    from: ['packages/*'],
    never: ['services/*'],
    alsoTests: true,
    why: 'packages never import services',
  },
  {
    from: ['services/*', 'packages/*'],
    notFrom: ['packages/dev'],
    never: ['packages/dev'],
    why: 'the development parts are for tests and for `npm start`, which spawns the services',
  },
  {
    from: ['services/*', 'packages/*'],
    notFrom: ['packages/dev'],
    never: ['node:module', 'node:vm'],
    why: 'what is loaded is written as an import, so that it can be followed',
  },
  {
    from: ['packages/chains', 'packages/policy', 'packages/sshsig'],
    never: ['node:*'],
    except: ['node:crypto', 'node:buffer'],
    why: 'pure: no I/O',
  },
];

/** Folders whose files call nothing of the outside world, by any of its global names. */
export const PURE: readonly Target[] = ['packages/chains', 'packages/policy', 'packages/sshsig'];

/** Globals that do I/O, read a clock or roll dice. `Date` is allowed to convert: `new Date(x)`, `Date.UTC(…)`. */
export const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  'globalThis',
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
  'console',
  'require',
]);

/** Members that do the same. */
export const IMPURE_MEMBERS: ReadonlySet<string> = new Set([
  'Date.now',
  'Math.random',
  'crypto.getRandomValues',
  'crypto.randomUUID',
]);

/** Folders with source files. */
export const SOURCE_FOLDERS: readonly string[] = ['infra', 'packages', 'services', 'test', 'tools'];

/** Code that never ships: tests, what they share (`testing/`), the folders `test/`, `tools/` and `infra/`, configuration in the root. */
export function isTestCode(file: string): boolean {
  return /\.test\.ts$|\/testing\/|^(infra|test|tools)\/|^[^/]+$/.test(file);
}
