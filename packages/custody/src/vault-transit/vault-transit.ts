import { type AttemptRules, type CallResult, withAttempts } from '../attempts.ts';
import type { Algorithm, Backend } from '../backend.ts';
import { CustodyError } from '../error.ts';
import { assertMessage } from '../message.ts';
import { opened } from '../opening.ts';
import { transitKey } from './transit-key.ts';
import type { Data, VaultClient } from './vault-client.ts';
import type { VaultCustody } from './vault-config.ts';
import { malformed, NO_TOKEN, UNTRUSTED } from './vault-error.ts';

const NAME = 'vault-transit';

/** What at the start is a wrong setup, and later trouble that may pass. */
const SETUP = new Set([NO_TOKEN, UNTRUSTED]);

export interface VaultTransitKey extends AttemptRules, Pick<VaultCustody, 'key' | 'version'> {
  readonly algorithm: Algorithm;
}

/**
 * Opens a key of Transit: reads its description, and refuses a key that is not Ed25519, that has a key for each context, or
 * that can be read out. From here on it signs by one version, whatever becomes the latest. The client stays its owner's.
 * @param signal the deadline for opening
 * @throws CustodyError `MISCONFIGURED`, or `UNAVAILABLE` when Vault does not answer
 */
export async function openVaultTransitBackend(
  client: VaultClient,
  { algorithm, key, version: wanted, retry, gate }: VaultTransitKey,
  signal: AbortSignal,
): Promise<Backend> {
  assertAlgorithm(algorithm);
  const description = await atStart(signal, () => client.read(`${client.mount}/keys/${key}`, signal));
  const { version, publicKey } = transitKey(description, wanted);
  const path = `${client.mount}/sign/${key}`;
  return {
    name: NAME,
    algorithm,
    publicKey,
    async sign(message, deadline) {
      assertMessage(message);
      // PureEdDSA: without `prehashed` Transit signs the input itself with Ed25519, whatever `hash_algorithm` says.
      const body = { input: Buffer.from(message).toString('base64'), key_version: version };
      const { value, attempts } = await withAttempts(
        NAME,
        deadline,
        async () => signatureOf(path, version, await client.write(path, body, deadline)),
        { retry, gate },
      );
      return { signature: value, attempts };
    },
    async close() {},
  };
}

/** The version that a key is opened at: after a rotation its name alone leads to another. @throws as opening does */
export async function versionOf(client: VaultClient, custody: VaultCustody, signal: AbortSignal): Promise<number> {
  const description = await atStart(signal, () => client.read(`${client.mount}/keys/${custody.key}`, signal));
  return transitKey(description, custody.version).version;
}

/** @throws CustodyError `MISCONFIGURED`: Transit has no secp256k1 */
export function assertAlgorithm(algorithm: Algorithm): void {
  if (algorithm === 'ed25519') return;
  throw new CustodyError('MISCONFIGURED', `${NAME}: algorithm: expected ed25519, got ${algorithm}`);
}

export function atStart(signal: AbortSignal, call: () => Promise<CallResult<Data>>): Promise<Data> {
  return opened(NAME, signal, async () => {
    const result = await call();
    return !result.ok && SETUP.has(result.errorCode) ? { ...result, retryable: false } : result;
  });
}

const SIGNATURE = /^vault:v(\d{1,9}):([A-Za-z0-9+/]+={0,2})$/;

/** `vault:v1:…`. The version is part of it: one that was not asked for is another key. */
function signatureOf(path: string, version: number, result: CallResult<Data>): CallResult<Uint8Array> {
  if (!result.ok) return result;
  const { requestId, value: data } = result;
  const named = requestId === undefined ? {} : { requestId };
  const { signature } = data;
  const [, got, base64] = SIGNATURE.exec(typeof signature === 'string' ? signature : '') ?? [];
  if (base64 === undefined) return { ...malformed(path, 'signature: expected vault:v…, got something else'), ...named };
  if (Number(got) === version) return { ok: true, value: new Uint8Array(Buffer.from(base64, 'base64')), ...named };
  const message = `WrongVersion: signature: expected version ${version}, got ${got}`;
  return { ok: false, errorCode: 'WrongVersion', message, retryable: false, ...named };
}
