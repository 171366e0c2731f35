import { DescribeKeyCommand, GetPublicKeyCommand, type KeyMetadata, type KMSClient } from '@aws-sdk/client-kms';
import { type AttemptRules, type CallResult, withAttempts } from '../attempts.ts';
import type { Algorithm, Backend } from '../backend.ts';
import { CustodyError } from '../error.ts';
import { assertMessage } from '../message.ts';
import { opened } from '../opening.ts';
import { publicKeyFromSpki } from '../public-key.ts';
import { cleaned } from '../remote-text.ts';
import { awsFailure, NO_CREDENTIALS } from './aws-error.ts';
import { createKmsSign } from './kms-sign.ts';
import { KMS_TERMS } from './kms-terms.ts';

const NAME = 'aws-kms';

export interface AwsKmsKey extends AttemptRules {
  /** Key id, key ARN, alias name (`alias/…`) or alias ARN. */
  readonly key: string;
  readonly algorithm: Algorithm;
  /** As the client has it. */
  readonly attemptTimeoutMs?: number | undefined;
}

/**
 * Opens a key of AWS KMS: reads its description and its public key, and refuses a key of another spec or usage, or one
 * that is not enabled. The client stays its owner's; `close` lets go of the key alone.
 * @param signal the deadline for opening
 * @throws CustodyError `MISCONFIGURED`, or `UNAVAILABLE` when KMS does not answer
 */
export async function openAwsKmsBackend(client: KMSClient, key: AwsKmsKey, signal: AbortSignal): Promise<Backend> {
  const { algorithm, key: KeyId, retry, gate, attemptTimeoutMs } = key;
  const { keySpec, signing } = KMS_TERMS[algorithm];
  const abortSignal = signal;
  const description = await atStart(signal, () =>
    asked(
      () => client.send(new DescribeKeyCommand({ KeyId }), { abortSignal }),
      (answer) => answer.KeyMetadata,
    ),
  );
  assertUsable(description, keySpec);
  const spki = await atStart(signal, () =>
    asked(
      () => client.send(new GetPublicKeyCommand({ KeyId }), { abortSignal }),
      (answer) => answer.PublicKey,
    ),
  );

  const kmsSign = createKmsSign(client, attemptTimeoutMs);
  return {
    name: NAME,
    algorithm,
    publicKey: publicKeyFromSpki(algorithm, spki),
    async sign(message, deadline) {
      assertMessage(message);
      const { value, attempts } = await withAttempts(
        NAME,
        deadline,
        () =>
          asked(
            () => kmsSign({ KeyId, Message: message, ...signing }, { abortSignal: deadline }),
            (answer) => answer.Signature,
          ),
        { retry, gate },
      );
      return { signature: value, attempts };
    },
    async close() {},
  };
}

/** A call of the SDK as a result: from here on its errors are values. */
export async function asked<Answer extends { readonly $metadata: { readonly requestId?: string | undefined } }, T>(
  send: () => Promise<Answer>,
  pick: (answer: Answer) => T | undefined,
): Promise<CallResult<T>> {
  try {
    const answer = await send();
    const { requestId } = answer.$metadata;
    const named = requestId === undefined ? {} : { requestId: cleaned(requestId) };
    const value = pick(answer);
    if (value !== undefined) return { ok: true, value, ...named };
    return {
      ok: false,
      errorCode: 'EmptyAnswer',
      message: 'EmptyAnswer: a field is missing',
      retryable: true,
      ...named,
    };
  } catch (error) {
    return awsFailure(error);
  }
}

/** Credentials that cannot be found are not looked for twice. */
export function atStart<T>(signal: AbortSignal, call: () => Promise<CallResult<T>>, rules?: AttemptRules): Promise<T> {
  const found = async () => {
    const result = await call();
    if (result.ok || result.errorCode !== NO_CREDENTIALS) return result;
    const message = 'no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the process a role';
    return { ...result, retryable: false, message };
  };
  return opened(NAME, signal, found, rules);
}

function assertUsable(key: KeyMetadata, keySpec: string): void {
  const wanted = { KeySpec: keySpec, KeyUsage: 'SIGN_VERIFY', KeyState: 'Enabled' } as const;
  for (const field of ['KeySpec', 'KeyUsage', 'KeyState'] as const) {
    if (key[field] !== wanted[field]) {
      throw new CustodyError(
        'MISCONFIGURED',
        `${NAME}: ${field}: expected ${wanted[field]}, got ${cleaned(String(key[field]))}`,
      );
    }
  }
}
