import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { goModuleVersion, opensshVersion, pythonPackageVersion, saidVersion } from './version-of.ts';

/** A program of somebody else that tests run over, where the machine has it. */
export interface Part {
  readonly name: PartName;
  /** Absolute path of the executable. */
  readonly file: string;
  /** As the program or its package tells it: `1.5.33`; `unknown-version` when it does not. */
  readonly version: string;
}

interface PartSpec {
  /** The variable that may hold the path of the executable. */
  readonly variable: string;
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
  'ssh-keygen': { variable: 'SSH_KEYGEN', versionOf: opensshVersion },
} as const satisfies Record<string, PartSpec>;

export type PartName = keyof typeof PARTS;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds a part by its variable, or else by its name on PATH.
 * @returns undefined when the machine does not have it
 * @throws Error when the variable is set and names no executable file
 */
export function findPart(name: PartName, env: Environment = process.env): Part | undefined {
  const { variable, versionOf } = PARTS[name];
  const named = env[variable];
  if (named && !isExecutable(named)) throw new Error(`${variable}: expected an executable file, got ${named}`);
  const file = named || onPath(name, env['PATH'] ?? '');
  if (file === undefined) return undefined;
  return { name, file: resolve(file), version: versionOf(file) ?? 'unknown-version' };
}

/** The variable that names a part's executable. */
export const variableOf = (name: PartName): string => PARTS[name].variable;

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

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
