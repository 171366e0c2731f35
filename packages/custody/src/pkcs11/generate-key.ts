import { randomBytes } from 'node:crypto';
import type { Algorithm } from '../backend.ts';
import { cleaned } from '../remote-text.ts';
import { openedToken } from './ask-token.ts';
import {
  CKA_EC_PARAMS,
  CKA_EXTRACTABLE,
  CKA_ID,
  CKA_LABEL,
  CKA_PRIVATE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKA_TOKEN,
  CKA_VERIFY,
  CKF_RW_SESSION,
  CKF_SERIAL_SESSION,
} from './constants.ts';
import { CURVE_TERMS } from './curve-terms.ts';
import { Pkcs11Failure } from './failure.ts';
import { handlesOf, type Pkcs11Custody } from './find-key.ts';
import type { Token } from './token.ts';

const KINDS = ['private', 'public'] as const;

/** A second try might make a second key. */
const ONCE = { retry: { mostCalls: 1, pauseMs: [0, 0] } } as const;

/**
 * Makes a key pair in the token that can sign and cannot be read out (PKCS#11 v3.1, sections 6.3.15 and 6.3.16).
 * @param signal the deadline; past it the key may have been made
 * @throws CustodyError `MISCONFIGURED` where there is a key of that label, or `UNAVAILABLE`
 */
export async function generateKey(
  token: Token,
  { label, id }: Pkcs11Custody,
  algorithm: Algorithm,
  signal: AbortSignal,
): Promise<void> {
  const { generate, params } = CURVE_TERMS[algorithm];
  const [curve] = params;
  await openedToken(
    token,
    signal,
    (connection) => {
      const { cryptoki, slot } = connection;
      const session = cryptoki.C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION);
      try {
        if (KINDS.some((kind) => handlesOf(connection, session, kind, { label }).length > 0)) {
          throw new Pkcs11Failure(
            'KEY_EXISTS',
            cleaned(`key: expected none with the label ${JSON.stringify(label)}, got one`),
          );
        }
        const both = [
          { type: CKA_TOKEN, value: true },
          { type: CKA_LABEL, value: label },
          { type: CKA_ID, value: id === undefined ? randomBytes(16) : Buffer.from(id, 'hex') },
        ];
        cryptoki.C_GenerateKeyPair(
          session,
          { mechanism: generate.value },
          [...both, { type: CKA_EC_PARAMS, value: curve }, { type: CKA_VERIFY, value: true }],
          [
            ...both,
            { type: CKA_PRIVATE, value: true },
            { type: CKA_SENSITIVE, value: true },
            { type: CKA_EXTRACTABLE, value: false },
            { type: CKA_SIGN, value: true },
          ],
        );
      } finally {
        cryptoki.C_CloseSession(session);
      }
    },
    ONCE,
  );
}
