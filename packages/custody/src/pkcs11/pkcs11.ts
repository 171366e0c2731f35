import type { Algorithm, Backend } from '../backend.ts';
import { assertMessage } from '../message.ts';
import { askedToken, openedToken } from './ask-token.ts';
import type { Connection } from './connection.ts';
import { CURVE_TERMS } from './curve-terms.ts';
import { ecdsaDer } from './ecdsa-der.ts';
import { Pkcs11Failure } from './failure.ts';
import { type FoundKey, findKey, type Pkcs11Custody } from './find-key.ts';
import type { Token } from './token.ts';

/**
 * Opens a key pair of a token: finds both halves, and refuses one of another curve or usage, or one that can be read out.
 * @param signal the deadline for opening
 * @throws CustodyError `MISCONFIGURED`, or `UNAVAILABLE` when the token does not answer
 */
export async function openPkcs11Backend(
  token: Token,
  custody: Pkcs11Custody,
  algorithm: Algorithm,
  signal: AbortSignal,
): Promise<Backend> {
  const { sign: mechanism } = CURVE_TERMS[algorithm];
  const first = await openedToken(token, signal, (connection) => ({
    connection,
    ...findKey(connection, custody, algorithm),
  }));
  let known: FoundKey & { readonly connection: Connection } = first;
  /** Handles end with their connection; the key behind the label of the next one has to be the same. */
  const keyIn = (connection: Connection): FoundKey => {
    if (known.connection === connection) return known;
    const found = findKey(connection, custody, algorithm);
    if (!Buffer.from(first.publicKey).equals(found.publicKey)) {
      const [expected, got] = [first, found].map(({ publicKey }) => Buffer.from(publicKey).toString('hex'));
      throw new Pkcs11Failure('KEY_CHANGED', `public key: expected the one that was opened, ${expected}, got ${got}`);
    }
    known = { connection, ...found };
    return known;
  };

  return {
    name: 'pkcs11',
    algorithm,
    publicKey: first.publicKey,
    async sign(message, deadline) {
      assertMessage(message);
      const { value, attempts } = await askedToken(token, deadline, (connection) =>
        connection.sign(keyIn(connection).privateKey, mechanism.value, message),
      );
      return { signature: algorithm === 'secp256k1' ? ecdsaDer(value) : value, attempts };
    },
    async close() {},
  };
}
