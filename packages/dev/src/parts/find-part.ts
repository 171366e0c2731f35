import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { goModuleVersion, opensshVersion, pythonPackageVersion, saidVersion, softhsmVersion } from './version-of.ts';

/** A program or a library of somebody else that tests run over, where the machine has it. */
export interface Part {
  readonly name: PartName;
  /** Absolute path of the executable, or of the library. */
  readonly file: string;
  /** As the part or its package tells it: `1.5.33`; `unknown-version` when it does not. */
  readonly version: string;
}

interface PartSpec {
  /** The variable that may hold the path of the part. */
  readonly variable: string;
  /** A library is on no PATH: its variable alone names it. Default: a program. */
  readonly kind?: 'library';
  versionOf(file: string): string | undefined;
}

const PARTS = {
  bao: { variable: 'BAO', versionOf: saidVersion },
  'local-kms': {
    variable: 'LOCAL_KMS',
    versionOf: (file) => goModuleVersion(file, 'github.com/nsmithuk/local-kms'),
  },
  ministack: { variable: 'MINISTACK', versionOf: (file) => pythonPackageVersion(file, 'ministack') },
  prometheus: { variable: 'PROMETHEUS', versionOf: saidVersion },
  promtool: { variable: 'PROMTOOL', versionOf: saidVersion },
  softhsm2: { variable: 'SOFTHSM2', kind: 'library', versionOf: softhsmVersion },
  'ssh-keygen': { variable: 'SSH_KEYGEN', versionOf: opensshVersion },
} as const satisfies Record<string, PartSpec>;

export type PartName = keyof typeof PARTS;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds a part by its variable, or else, if it is a program, by its name on PATH.
 * @returns undefined when the machine does not have it
 * @throws Error when the variable is set and names no such file
 */
export function findPart(name: PartName, env: Environment = process.env): Part | undefined {
  const { variable, versionOf, kind }: PartSpec = PARTS[name];
  const named = env[variable];
  const [isThere, expected] =
    kind === 'library' ? ([isReadable, 'a library'] as const) : ([isExecutable, 'an executable file'] as const);
  if (named && !isThere(named)) throw new Error(`${variable}: expected ${expected}, got ${named}`);
  const file = named || (kind === 'library' ? undefined : onPath(name, env['PATH'] ?? ''));
  if (file === undefined) return undefined;
  return { name, file: resolve(file), version: versionOf(file) ?? 'unknown-version' };
}

/** Where a part that was not found is not. */
export function absenceOf(name: PartName): string {
  const { variable, kind }: PartSpec = PARTS[name];
  return kind === 'library' ? `not in ${variable}` : `neither on PATH nor in ${variable}`;
}

/**
 * Whether a missing part fails the tests over it. COUNTERSIGN_REQUIRE_PARTS is `1` for every part, or the names of the
 * required ones with commas between them; unset, empty or `0`, none is required.
 * @throws Error for a name that is no part's
 */
export function isRequired(name: PartName, env: Environment = process.env): boolean {
  const wanted = env['COUNTERSIGN_REQUIRE_PARTS'] ?? '';
  if (wanted === '' || wanted === '0') return false;
  if (wanted === '1') return true;
  const names = wanted.split(',');
  const unknown = names.find((one) => !(one in PARTS));
  if (unknown === undefined) return names.includes(name);
  const known = Object.keys(PARTS).join(', ');
  throw new Error(`COUNTERSIGN_REQUIRE_PARTS: expected 1 or names of ${known}, got ${unknown}`);
}

function onPath(name: string, path: string): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

const isExecutable = (file: string): boolean => isFile(file, constants.X_OK);
const isReadable = (file: string): boolean => isFile(file, constants.R_OK);

function isFile(file: string, access: number): boolean {
  try {
    accessSync(file, access);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
