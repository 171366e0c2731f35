import { createHash, randomUUID } from 'node:crypto';
import { importedMaterial, newMaterial } from './key-material.ts';
import { type KeySpec, type KeyUsage, USAGE_OF } from './key-spec.ts';
import { KmsError } from './kms-error.ts';
import { type KmsKey, lastsUntil } from './kms-key.ts';

export interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  key: KmsKey;
  updatedAt: Date;
}

export interface KeyStore {
  readonly account: string;
  readonly region: string;
  /** In the order of creation. */
  keys(): readonly KmsKey[];
  readonly aliases: Map<string, Alias>;
  /** By the clock of the emulator. */
  now(): Date;
  /** @param origin of EXTERNAL it has no material yet */
  create(spec: KeySpec, usage: KeyUsage, description: string, origin: KmsKey['origin']): KmsKey;
  /** A key with a given private half: the same half has the same id at every start. */
  seed(algorithm: 'ed25519' | 'secp256k1', privateKey: Uint8Array): KmsKey;
  aliasArn(name: string): string;
  /** @throws KmsError `AlreadyExistsException` */
  name(alias: string, key: KmsKey): void;
  /** @param reference key id, key ARN, alias name or alias ARN. @throws KmsError `NotFoundException` */
  find(reference: string): KmsKey;
  /** As `find`, for operations that take no alias. @throws KmsError `NotFoundException` for one, too */
  findById(reference: string): KmsKey;
  /** The same for a reference of any type; undefined where `find` throws. */
  lookUp(reference: unknown): KmsKey | undefined;
}

export function createKeyStore(account: string, region: string, now: () => Date): KeyStore {
  const prefix = `arn:aws:kms:${region}:${account}:`;
  const keys = new Map<string, KmsKey>();
  const aliases = new Map<string, Alias>();

  const add = (key: Omit<KmsKey, 'arn' | 'createdAt'>): KmsKey => {
    const added = { ...key, arn: `${prefix}key/${key.id}`, createdAt: now() };
    keys.set(added.id, added);
    return added;
  };
  /** What time has done: a key whose waiting is over is gone, and material that has expired is. */
  const current = (key: KmsKey | undefined): KmsKey | undefined => {
    if (key === undefined) return undefined;
    if (key.deletionDate !== undefined && key.deletionDate <= now()) {
      keys.delete(key.id);
      for (const [name, alias] of aliases) if (alias.key === key) aliases.delete(name);
      return undefined;
    }
    lastsUntil(key, now());
    return key;
  };
  const resolve = (name: string) => current(aliases.get(name)?.key ?? keys.get(idIn(name)));
  const common = { deletionDate: undefined, imported: undefined } as const;

  const find = (reference: string): KmsKey => {
    const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : reference;
    const key = resolve(name);
    if (key !== undefined) return key;
    if (name.startsWith('arn:')) throw new KmsError('NotFoundException', `Invalid arn ${name}`);
    if (name.startsWith('alias/')) throw new KmsError('NotFoundException', `Alias ${prefix}${name} is not found.`);
    throw new KmsError('NotFoundException', `Key '${prefix}key/${idIn(name)}' does not exist`);
  };

  return {
    account,
    region,
    keys: () => [...keys.values()].filter((key) => current(key) !== undefined),
    aliases,
    now,
    create(spec, usage, description, origin) {
      const external = origin === 'EXTERNAL';
      const material = external ? undefined : newMaterial(spec);
      const state = external ? 'PendingImport' : 'Enabled';
      return add({ ...common, id: randomUUID(), description, origin, spec, usage, state, material });
    },
    seed(algorithm, privateKey) {
      const spec = algorithm === 'ed25519' ? 'ECC_NIST_EDWARDS25519' : 'ECC_SECG_P256K1';
      const { material, digest } = importedMaterial(spec, privateKey);
      return add({
        ...common,
        id: idOf(material.spki),
        description: 'Seeded at start',
        origin: 'EXTERNAL',
        spec,
        usage: USAGE_OF[spec],
        state: 'Enabled',
        material,
        imported: { digest, validTo: undefined },
      });
    },
    aliasArn: (name) => `${prefix}${name}`,
    name(alias, key) {
      const arn = `${prefix}${alias}`;
      if (aliases.has(alias)) {
        throw new KmsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
      }
      const at = now();
      aliases.set(alias, { name: alias, arn, key, createdAt: at, updatedAt: at });
    },
    find,
    findById(reference) {
      // AWS documents a key id or a key ARN for these, and no error for an alias: no key has such an id.
      if (!/(^|:)alias\//.test(reference)) return find(reference);
      throw new KmsError('NotFoundException', `Invalid keyId '${reference}'`);
    },
    lookUp(reference) {
      if (typeof reference !== 'string') return undefined;
      return resolve(reference.startsWith(prefix) ? reference.slice(prefix.length) : reference);
    },
  };
}

const idIn = (name: string) => (name.startsWith('key/') ? name.slice('key/'.length) : name);

/** A UUID made from the public key (RFC 9562, version 8). */
function idOf(spki: Uint8Array): string {
  const hash = createHash('sha256').update(spki).digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x80;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
