import { existsSync } from 'node:fs';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { CustodyError } from '@countersign/custody/error';
import {
  custodySchemas,
  type KeyConfig,
  type KeysConfig,
  keyIdSchema,
  keysDraftSchema,
} from '@countersign/custody/keys-config';
import { loadKey } from '@countersign/custody/load-key';
import { surroundingsOf } from '@countersign/custody/surroundings';
import { ConfigError } from '@countersign/runtime/config';
import { editYaml, type YamlEdit } from '@countersign/runtime/edit-yaml';
import { replaceFile } from '@countersign/runtime/replace-file';
import { readText } from '@countersign/runtime/text-file';
import { parseYaml } from '@countersign/runtime/yaml';
import { type Command, type Io, UsageError } from '../command.ts';
import { custodyText, describeKey } from './describe-key.ts';
import { keysFileOf, parseKeysFile } from './read-keys.ts';

const TIMEOUT_MS = 30_000;
const PARAMETERS = {
  register:
    'KEY [--algorithm ed25519|secp256k1] [--legacy CUSTODY] [--kms CUSTODY] [--keys FILE] [--dry-run] [--replace]',
  generate: 'KEY --algorithm ed25519|secp256k1 --kms CUSTODY [--keys FILE]',
} as const;

/** Puts a key that is there, or one more custody of it, into the keys file. */
export const keysRegisterCommand = registering(
  'register',
  'put a key, or one more custody of it, into KEYS_FILE, with the public key that is found',
);

/** The same for a key that is made first, where the place can: its private part never leaves it. */
export const keysGenerateCommand = registering(
  'generate',
  'make a key in the place that --kms names, and put it into KEYS_FILE',
);

function registering(verb: 'register' | 'generate', summary: string): Command {
  return {
    name: `keys ${verb}`,
    parameters: PARAMETERS[verb],
    summary: `${summary}; CUSTODY as there, '{ backend: aws-kms, key: alias/… }'`,
    run: async (args, io) => {
      const asked = readAsked(args, io);
      const known = new Map(Object.entries(asked.config.keys)).get(asked.id);
      if (verb === 'generate' && asked.isDryRun)
        throw new UsageError('--dry-run: a key that was made cannot be unmade');
      if (verb === 'generate' && known !== undefined) throw problem(asked.file, `key ${asked.id} is there already`);
      const { key, custodies } = await load(asked, known, verb === 'generate', io);
      const displaced = displacedBy({ ...asked, custodies }, known);
      const text = editYaml(asked.text ?? '', editsOf({ ...asked, custodies }, known, key));
      // Whatever was written, a signer has to take it.
      parseKeysFile(text, asked.file);
      const { algorithm, address, publicKey } = describeKey(asked.id, key);
      // Before the file is written: a key that was made is made, whatever becomes of the file.
      io.out(`${asked.id}  ${algorithm}  ${address}\n  public key  ${publicKey}\n`);
      const isChanged = text !== asked.text && !asked.isDryRun;
      if (isChanged) await replaceFile(asked.file, text, asked.text);
      io.out(displaced.map((custody) => `  replaces    ${custody}\n`).join(''));
      const taken = known === undefined ? 'a new key needs a restart of the signers' : 'running signers then take it';
      io.out(
        isChanged
          ? `${asked.file} ${asked.text === undefined ? 'is new' : 'has changed'}: raise the version in the policy, and sign the bundle anew if it is signed; ${taken}\n`
          : `${asked.file} is as it was${asked.isDryRun ? ' (--dry-run)' : ''}\n`,
      );
      return 0;
    },
  };
}

interface Asked {
  readonly file: string;
  /** Of the file; undefined where there is none yet. */
  readonly text: string | undefined;
  readonly config: KeysConfig;
  readonly id: string;
  readonly algorithm: KeyConfig['algorithm'] | undefined;
  readonly custodies: KeyConfig['custodies'];
  readonly isDryRun: boolean;
  /** Whether a custody that the file has may make room for another. */
  readonly replaces: boolean;
}

function readAsked(args: readonly string[], { env }: Io): Asked {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      algorithm: { type: 'string' },
      legacy: { type: 'string' },
      kms: { type: 'string' },
      keys: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      replace: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [id, ...more] = positionals;
  if (!keyIdSchema.safeParse(id).success || id === undefined || more.length > 0) {
    throw new UsageError('expected one key id, of lower-case letters, digits and dashes');
  }
  const { legacy, kms, algorithm } = values;
  if (legacy === undefined && kms === undefined) throw new UsageError('expected --legacy, --kms or both');
  if (algorithm !== undefined && algorithm !== 'ed25519' && algorithm !== 'secp256k1') {
    throw new UsageError('--algorithm: expected ed25519 or secp256k1');
  }
  const file = keysFileOf(values.keys, env);
  const text = existsSync(file) ? readText(file) : undefined;
  return {
    file,
    text,
    config: parseKeysFile(text ?? '{}', file, keysDraftSchema),
    id,
    algorithm,
    custodies: {
      ...(legacy === undefined ? {} : { legacy: parseYaml(legacy, custodySchemas.legacy, '--legacy') }),
      ...(kms === undefined ? {} : { kms: parseYaml(kms, custodySchemas.kms, '--kms') }),
    },
    isDryRun: values['dry-run'],
    replaces: values.replace,
  };
}

/** Custodies that the file has, in a line each, and that make room for others. @throws ConfigError unless that was asked for */
function displacedBy({ file, id, custodies, replaces }: Asked, known: KeyConfig | undefined): readonly string[] {
  const displaced = (['legacy', 'kms'] as const).flatMap((path) => {
    const [before, after] = [known?.custodies[path], custodies[path]];
    if (before === undefined || after === undefined || isDeepStrictEqual(before, after)) return [];
    return [`${path}: ${custodyText(before)}`];
  });
  if (displaced.length === 0 || replaces) return displaced;
  throw problem(
    file,
    `key ${id} has a custody there already (${displaced.join('; ')}): --replace puts another in its place`,
  );
}

/** Of a key that is in the file nothing is touched but its custodies. */
function editsOf({ id, custodies }: Asked, known: KeyConfig | undefined, key: KeyConfig): YamlEdit[] {
  if (known === undefined) return [{ path: ['keys', id], value: key }];
  return Object.entries(custodies).map(([path, value]) => ({ path: ['keys', id, 'custodies', path], value }));
}

/** What the file will say of the key, and those of its custodies that were asked for. @throws ConfigError where the key that is found is not the one that is pinned */
async function load(asked: Asked, known: KeyConfig | undefined, isNew: boolean, { env }: Io) {
  const { id, file, config } = asked;
  const algorithm = asked.algorithm ?? known?.algorithm;
  if (algorithm === undefined) throw new UsageError('--algorithm: expected one for a key that is not in the file');
  if (known !== undefined && algorithm !== known.algorithm) {
    throw problem(file, `key ${id}: algorithm: expected ${known.algorithm}, got ${algorithm}`);
  }
  const { keys: _, ...places } = config;
  const wanted = { algorithm, custodies: asked.custodies, places, isNew };
  const { publicKey, custodies } = await loadKey(wanted, surroundingsOf(env), AbortSignal.timeout(TIMEOUT_MS)).catch(
    (error: unknown) => {
      throw error instanceof CustodyError ? problem(`key ${id}`, error.message) : error;
    },
  );
  if (known !== undefined && publicKey !== known.public_key) {
    throw problem(file, `key ${id}: public key: expected the pinned ${known.public_key}, got ${publicKey}`);
  }
  const key: KeyConfig = { algorithm, public_key: publicKey, custodies: { ...known?.custodies, ...custodies } };
  return { key, custodies };
}

function problem(where: string, text: string): ConfigError {
  return new ConfigError([{ where, problem: text }]);
}
