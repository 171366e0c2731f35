import { CreateAliasCommand, CreateKeyCommand, DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Algorithm } from '../backend.ts';
import { CustodyError } from '../error.ts';
import { isThere } from '../opening.ts';
import { cleaned } from '../remote-text.ts';
import { asked, atStart } from './aws-kms.ts';
import { KMS_TERMS } from './kms-terms.ts';

/**
 * Makes a key and gives it an alias that is free (https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html,
 * API_CreateAlias.html). CreateKey knows no token of a caller's, so it is called once: an answer that is lost leaves a key without a name.
 * @param alias `alias/…`: ids are KMS's to give
 * @throws CustodyError `MISCONFIGURED`, or `UNAVAILABLE` when KMS does not answer; naming a key that was made and has no alias
 */
export async function generateAwsKmsKey(
  client: KMSClient,
  alias: string,
  algorithm: Algorithm,
  abortSignal: AbortSignal,
): Promise<void> {
  if (!alias.startsWith('alias/')) {
    throw new CustodyError('MISCONFIGURED', `aws-kms: key: expected an alias (alias/…) for a new key, got ${alias}`);
  }
  const described = () =>
    atStart(abortSignal, () =>
      asked(
        () => client.send(new DescribeKeyCommand({ KeyId: alias }), { abortSignal }),
        (answer) => answer.KeyMetadata,
      ),
    );
  if (await isThere(described, 'NotFoundException')) {
    throw new CustodyError('MISCONFIGURED', `aws-kms: key: expected an alias that is free, got ${alias}`);
  }
  const terms = { KeySpec: KMS_TERMS[algorithm].keySpec, KeyUsage: 'SIGN_VERIFY' } as const;
  const keyId = await atStart(
    abortSignal,
    () =>
      asked(
        () => client.send(new CreateKeyCommand(terms), { abortSignal }),
        (answer) => answer.KeyMetadata?.KeyId,
      ),
    { retry: { mostCalls: 1, pauseMs: [0, 0] } },
  );
  try {
    await atStart(abortSignal, () =>
      asked(
        () => client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }), { abortSignal }),
        () => true,
      ),
    );
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    const message = `${error.message}; key ${cleaned(keyId)} was made, and has no alias`;
    throw new CustodyError(error.code, message, { attempts: error.attempts, cause: error });
  }
}
