import type { Handle } from 'pkcs11js';
import type { Algorithm } from '../backend.ts';
import { cleaned } from '../remote-text.ts';
import type { Connection } from './connection.ts';
import {
  CKA_ALWAYS_AUTHENTICATE,
  CKA_CLASS,
  CKA_EC_PARAMS,
  CKA_EC_POINT,
  CKA_EXTRACTABLE,
  CKA_ID,
  CKA_KEY_TYPE,
  CKA_LABEL,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKF_SIGN,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
  KEY_TYPES,
} from './constants.ts';
import { CURVE_TERMS } from './curve-terms.ts';
import { publicKeyFromPoint } from './ec-point.ts';
import { failureOf, Pkcs11Failure } from './failure.ts';

/** What KEYS_FILE says of a key in a token. */
export interface Pkcs11Custody {
  /** CKA_LABEL of the private and of the public key. */
  readonly label: string;
  /** CKA_ID of both, in hex; needed where the label is not enough. */
  readonly id?: string | undefined;
}

export interface FoundKey {
  readonly privateKey: Handle;
  /** 32 bytes, or 33 compressed. */
  readonly publicKey: Uint8Array;
}

/** States of a session in which a user is logged in: CKS_RO_USER_FUNCTIONS and CKS_RW_USER_FUNCTIONS. */
const USER_STATES = [1, 3];

/**
 * Finds a key pair, and refuses one that is of another curve, that may not sign, that could be read out of the token, or that
 * wants the PIN again for each signature.
 * @throws Pkcs11Failure `KEY_UNFIT` or `KEY_NOT_FOUND`; an Error of the addon
 */
export function findKey(connection: Connection, custody: Pkcs11Custody, algorithm: Algorithm): FoundKey {
  const { keyType, params } = CURVE_TERMS[algorithm];
  assertMechanism(connection, algorithm);
  return connection.ask((session) => {
    const privateKey = findOne(connection, session, 'private', custody);
    const publicKey = findOne(connection, session, 'public', custody);
    const read = (key: Handle, type: number): Buffer => attributeOf(connection, session, key, type);

    for (const key of [privateKey, publicKey]) {
      const type = Number(read(key, CKA_KEY_TYPE).readBigUInt64LE());
      if (type !== keyType.value)
        throw unfit('CKA_KEY_TYPE', keyType.name, KEY_TYPES.get(type) ?? `0x${type.toString(16)}`);
    }
    const curve = read(publicKey, CKA_EC_PARAMS);
    if (!params.some((one) => one.equals(curve))) {
      throw unfit('CKA_EC_PARAMS', `${algorithm} (${params.map(hex).join(' or ')})`, hex(curve));
    }
    for (const [name, attribute, expected] of FLAGS) {
      const got = read(privateKey, attribute)[0] === 1;
      if (got !== expected) throw unfit(name, String(expected), String(got));
    }
    if (isAskedForEachTime(connection, session, privateKey)) throw unfit('CKA_ALWAYS_AUTHENTICATE', 'false', 'true');
    return { privateKey, publicKey: publicKeyFromPoint(algorithm, read(publicKey, CKA_EC_POINT)) };
  });
}

const FLAGS = [
  ['CKA_SIGN', CKA_SIGN, true],
  ['CKA_SENSITIVE', CKA_SENSITIVE, true],
  ['CKA_EXTRACTABLE', CKA_EXTRACTABLE, false],
] as const;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const unfit = (field: string, expected: string, got: string) =>
  new Pkcs11Failure('KEY_UNFIT', cleaned(`${field}: expected ${expected}, got ${got}`));

/** Handles of the objects of one class that the custody names: three at most, which is enough to see that there are too many. */
export function handlesOf(
  { cryptoki }: Connection,
  session: Handle,
  kind: 'private' | 'public',
  { label, id }: Pkcs11Custody,
): Handle[] {
  cryptoki.C_FindObjectsInit(session, [
    { type: CKA_CLASS, value: kind === 'private' ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY },
    { type: CKA_LABEL, value: label },
    ...(id === undefined ? [] : [{ type: CKA_ID, value: Buffer.from(id, 'hex') }]),
  ]);
  try {
    return cryptoki.C_FindObjects(session, 3);
  } finally {
    cryptoki.C_FindObjectsFinal(session);
  }
}

function findOne(connection: Connection, session: Handle, kind: 'private' | 'public', custody: Pkcs11Custody): Handle {
  const found = handlesOf(connection, session, kind, custody);
  const [key] = found;
  if (key !== undefined && found.length === 1) return key;
  if (key === undefined) assertPresent(connection, session);
  const name = `${JSON.stringify(custody.label)}${custody.id === undefined ? '' : ` and the id ${custody.id}`}`;
  const got = key === undefined ? 'none' : 'more';
  throw new Pkcs11Failure('KEY_NOT_FOUND', cleaned(`${kind} key: expected one with the label ${name}, got ${got}`));
}

/** A token that is gone has no objects either, and whoever is not logged in sees no private ones. */
function assertPresent({ cryptoki, slot }: Connection, session: Handle): void {
  cryptoki.C_GetTokenInfo(slot);
  if (!USER_STATES.includes(cryptoki.C_GetSessionInfo(session).state)) {
    throw new Pkcs11Failure('CKR_USER_NOT_LOGGED_IN', 'CKR_USER_NOT_LOGGED_IN', { retryable: true, lost: true });
  }
}

function attributeOf({ cryptoki }: Connection, session: Handle, key: Handle, type: number): Buffer {
  const [attribute] = cryptoki.C_GetAttributeValue(session, key, [{ type }]);
  const value = attribute?.value;
  if (Buffer.isBuffer(value)) return value;
  throw unfit(`attribute 0x${type.toString(16)}`, 'a value', 'none');
}

/** PKCS#11 v3.1, section 4.9. A token that does not know the attribute has no such keys. */
function isAskedForEachTime(connection: Connection, session: Handle, key: Handle): boolean {
  try {
    return attributeOf(connection, session, key, CKA_ALWAYS_AUTHENTICATE)[0] === 1;
  } catch (error) {
    if (failureOf(error).errorCode === 'CKR_ATTRIBUTE_TYPE_INVALID') return false;
    throw error;
  }
}

function assertMechanism({ cryptoki, slot }: Connection, algorithm: Algorithm): void {
  const { name, value } = CURVE_TERMS[algorithm].sign;
  const flags = (() => {
    try {
      return cryptoki.C_GetMechanismInfo(slot, value).flags;
    } catch (error) {
      if (failureOf(error).errorCode === 'CKR_MECHANISM_INVALID') return 0;
      throw error;
    }
  })();
  if ((flags & CKF_SIGN) === 0) throw unfit('mechanism', `${name} for signing`, 'a token without it');
}
