import { createHash, randomUUID } from 'node:crypto';
import { ed25519Material, p256PublicKey, type SigningMaterial, secp256k1Material } from './key-material.ts';
import { KmsError } from './kms-error.ts';

export type KeySpec = 'ECC_NIST_EDWARDS25519' | 'ECC_SECG_P256K1' | 'ECC_NIST_P256';
export type KeyUsage = 'SIGN_VERIFY' | 'KEY_AGREEMENT';

/** What KMS lists for each spec that this emulator knows (API reference, KeyMetadata). */
export const SIGNING_ALGORITHMS: Readonly<Record<KeySpec, readonly string[]>> = {
  ECC_NIST_EDWARDS25519: ['ED25519_SHA_512', 'ED25519_PH_SHA_512'],
  ECC_SECG_P256K1: ['ECDSA_SHA_256'],
  ECC_NIST_P256: [],
};

export interface KmsKey {
  readonly id: string;
  readonly arn: string;
  readonly spec: KeySpec;
  readonly usage: KeyUsage;
  readonly description: string;
  /** EXTERNAL for a key whose private half was given at start. */
  readonly origin: 'AWS_KMS' | 'EXTERNAL';
  readonly createdAt: Date;
  readonly spki: Uint8Array;
  /** Undefined for a key that agrees and does not sign. */
  readonly signing: SigningMaterial | undefined;
  enabled: boolean;
}

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
  readonly keys: ReadonlyMap<string, KmsKey>;
  readonly aliases: Map<string, Alias>;
  create(spec: KeySpec, description: string): KmsKey;
  /** A key with a given private half: the same half has the same id at every start. */
  seed(algorithm: 'ed25519' | 'secp256k1', privateKey: Uint8Array): KmsKey;
  aliasArn(name: string): string;
  /** @throws KmsError `AlreadyExistsException` */
  name(alias: string, key: KmsKey): void;
  /** @param reference key id, key ARN, alias name or alias ARN. @throws KmsError `NotFoundException` */
  find(reference: string): KmsKey;
  /** The same for a reference of any type; undefined where `find` throws. */
  lookUp(reference: unknown): KmsKey | undefined;
}

export function createKeyStore(account: string, region: string): KeyStore {
  const prefix = `arn:aws:kms:${region}:${account}:`;
  const keys = new Map<string, KmsKey>();
  const aliases = new Map<string, Alias>();

  const add = (key: Omit<KmsKey, 'arn' | 'createdAt' | 'enabled'>): KmsKey => {
    const added = { ...key, arn: `${prefix}key/${key.id}`, createdAt: new Date(), enabled: true };
    keys.set(added.id, added);
    return added;
  };
  const resolve = (name: string) => aliases.get(name)?.key ?? keys.get(idIn(name));
  const signs = (spec: KeySpec, signing: SigningMaterial) =>
    ({ spec, usage: 'SIGN_VERIFY', spki: signing.spki, signing }) as const;

  return {
    account,
    region,
    keys,
    aliases,
    create(spec, description) {
      const common = { id: randomUUID(), description, origin: 'AWS_KMS' } as const;
      if (spec === 'ECC_NIST_P256') {
        return add({ ...common, spec, usage: 'KEY_AGREEMENT', spki: p256PublicKey(), signing: undefined });
      }
      const material = spec === 'ECC_NIST_EDWARDS25519' ? ed25519Material() : secp256k1Material();
      return add({ ...common, ...signs(spec, material) });
    },
    seed(algorithm, privateKey) {
      const parts =
        algorithm === 'ed25519'
          ? signs('ECC_NIST_EDWARDS25519', ed25519Material(privateKey))
          : signs('ECC_SECG_P256K1', secp256k1Material(privateKey));
      return add({ id: idOf(parts.spki), description: 'Seeded at start', origin: 'EXTERNAL', ...parts });
    },
    aliasArn: (name) => `${prefix}${name}`,
    name(alias, key) {
      const arn = `${prefix}${alias}`;
      if (aliases.has(alias)) {
        throw new KmsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
      }
      const now = new Date();
      aliases.set(alias, { name: alias, arn, key, createdAt: now, updatedAt: now });
    },
    find(reference) {
      const name = reference.startsWith(prefix) ? reference.slice(prefix.length) : reference;
      const key = resolve(name);
      if (key !== undefined) return key;
      if (name.startsWith('arn:')) throw new KmsError('NotFoundException', `Invalid arn ${name}`);
      if (name.startsWith('alias/')) throw new KmsError('NotFoundException', `Alias ${prefix}${name} is not found.`);
      throw new KmsError('NotFoundException', `Key '${prefix}key/${idIn(name)}' does not exist`);
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
