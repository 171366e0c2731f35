import type { Algorithm } from '../backend.ts';
import { CustodyError } from '../error.ts';
import type { Finding } from '../finding.ts';
import { cleaned } from '../remote-text.ts';
import { adviceFor } from './advice.ts';
import { openedToken } from './ask-token.ts';
import type { Connection } from './connection.ts';
import { CKF_SERIAL_SESSION } from './constants.ts';
import { CURVE_TERMS } from './curve-terms.ts';
import { findKey, type Pkcs11Custody } from './find-key.ts';
import { unpadded } from './find-slot.ts';
import type { Token } from './token.ts';

const ROUNDS = 10;

/**
 * Looks at a key and its token without signing anything: C_SignInit alone shows that the key, its usage and the mechanism go
 * together, and a few random bytes show how long the token takes to answer. What cannot be looked at is a finding too.
 */
export async function examinePkcs11Key(
  token: Promise<Token>,
  custody: Pkcs11Custody,
  algorithm: Algorithm,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const look = async (name: string, see: (connection: Connection) => string): Promise<Finding> => {
    try {
      return { name, ok: true, detail: cleaned(await openedToken(await token, signal, see)) };
    } catch (error) {
      if (!(error instanceof CustodyError)) throw error;
      const advice = adviceFor(error);
      return { name, ok: false, detail: error.message, ...(advice === undefined ? {} : { advice }) };
    }
  };
  const found = await look('token', tokenInfo);
  // Each of the others would say the same again.
  if (!found.ok) return [found];
  return [
    found,
    await look('latency', latency),
    await look('key', (connection) => {
      const { publicKey } = findKey(connection, custody, algorithm);
      return `public key ${Buffer.from(publicKey).toString('hex')}`;
    }),
    await look('signing', (connection) => initiate(connection, custody, algorithm)),
  ];
}

function tokenInfo({ cryptoki, slot }: Connection): string {
  const { manufacturerID, model, serialNumber, firmwareVersion } = cryptoki.C_GetTokenInfo(slot);
  const [maker, kind, serial] = [manufacturerID, model, serialNumber].map(unpadded);
  return `${maker} ${kind}, serial number ${serial}, firmware ${firmwareVersion.major}.${firmwareVersion.minor}`;
}

function latency(connection: Connection): string {
  const took = connection.ask((session) =>
    Array.from({ length: ROUNDS }, () => {
      const start = performance.now();
      connection.cryptoki.C_GenerateRandom(session, Buffer.alloc(16));
      return performance.now() - start;
    }),
  );
  const [fastest = 0, slowest = 0] = [Math.min(...took), Math.max(...took)];
  return `C_GenerateRandom: ${fastest.toFixed(2)} to ${slowest.toFixed(2)} ms`;
}

/** On a session of its own: closing it is the one way to end what C_SignInit has begun without signing. */
function initiate(connection: Connection, custody: Pkcs11Custody, algorithm: Algorithm): string {
  const { cryptoki, slot } = connection;
  const { name, value } = CURVE_TERMS[algorithm].sign;
  const { privateKey } = findKey(connection, custody, algorithm);
  const session = cryptoki.C_OpenSession(slot, CKF_SERIAL_SESSION);
  try {
    cryptoki.C_SignInit(session, { mechanism: value }, privateKey);
  } finally {
    cryptoki.C_CloseSession(session);
  }
  return `C_SignInit with ${name}: accepted`;
}
