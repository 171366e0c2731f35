import { DescribeKeyCommand, type KeyMetadata, type KMSClient } from '@aws-sdk/client-kms';
import type { Algorithm } from '../backend.ts';
import type { Finding } from '../finding.ts';
import { cleaned } from '../remote-text.ts';
import { awsFailure, NO_CREDENTIALS } from './aws-error.ts';
import { answeredAt, createKmsSign } from './kms-sign.ts';
import { KMS_TERMS } from './kms-terms.ts';

const LOOKS = 5;
// KMS refuses a request that is dated five minutes wrong.
const MOST_SECONDS = 60;

/**
 * Looks at everything that a signer needs of a key, and signs nothing: the permission is asked for by DryRun.
 * https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
 */
export async function examineAwsKms(
  client: KMSClient,
  key: string,
  algorithm: Algorithm,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { keySpec, signing } = KMS_TERMS[algorithm];
  const described = await describe(client, key, signal);
  if (!described.ok) return [described.finding];
  const { KeyState, KeySpec, KeyUsage, ValidTo } = described.key;
  return [
    described.finding,
    compared('key spec', keySpec, KeySpec, 'a key has its spec for good: register one of the right spec'),
    compared('key usage', 'SIGN_VERIFY', KeyUsage, 'a key has its usage for good: register one of the right usage'),
    compared('key state', 'Enabled', KeyState, STATE_ADVICE[KeyState ?? ''] ?? 'enable it (EnableKey)'),
    ...(ValidTo === undefined ? [] : [expiry(ValidTo)]),
    ...(await tryToSign(client, { KeyId: key, ...signing }, signal)),
  ];
}

const STATE_ADVICE: Readonly<Record<string, string>> = {
  PendingDeletion: 'cancel its deletion (CancelKeyDeletion) and enable it, or it is gone for good',
  PendingImport: 'import its material (ImportKeyMaterial)',
  Unavailable: 'look at the key store that holds it',
};

type Described =
  | { readonly ok: true; readonly key: KeyMetadata; readonly finding: Finding }
  | { readonly ok: false; readonly finding: Finding };

/** Several times: the first one opens a connection. */
async function describe(client: KMSClient, KeyId: string, signal: AbortSignal): Promise<Described> {
  const times: number[] = [];
  let key: KeyMetadata | undefined;
  try {
    for (let look = 0; look < LOOKS; look++) {
      const start = performance.now();
      const answer = await client.send(new DescribeKeyCommand({ KeyId }), { abortSignal: signal });
      times.push(performance.now() - start);
      key = answer.KeyMetadata;
    }
  } catch (error) {
    return { ok: false, finding: refused('answers', error, 'kms:DescribeKey') };
  }
  if (key === undefined)
    return { ok: false, finding: { name: 'answers', ok: false, detail: 'DescribeKey: no metadata' } };
  const median = times.toSorted((a, b) => a - b)[Math.floor(LOOKS / 2)] ?? 0;
  return {
    ok: true,
    key,
    finding: { name: 'answers', ok: true, detail: `${cleaned(String(key.Arn))}, in ${median.toFixed(1)} ms` },
  };
}

async function tryToSign(
  client: KMSClient,
  asked: Omit<Parameters<ReturnType<typeof createKmsSign>>[0], 'Message'>,
  signal: AbortSignal,
): Promise<Finding[]> {
  try {
    await createKmsSign(client)({ ...asked, Message: new Uint8Array(32), DryRun: true }, { abortSignal: signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'DryRunOperationException') {
      return [{ name: 'permission', ok: true, detail: 'kms:Sign would succeed (DryRun)' }, ...clock(error)];
    }
    return [refused('permission', error, 'kms:Sign'), ...clock(error)];
  }
  const advice = 'this is not AWS KMS: an emulator that knows no DryRun has signed a message of zeros';
  return [{ name: 'permission', ok: false, detail: 'Sign with DryRun gave a signature', advice }];
}

/** The time that KMS gave with its answer, to the second, beside this machine's. */
function clock(error: unknown): Finding[] {
  const theirs = answeredAt(error);
  if (theirs === undefined) return [];
  const seconds = Math.round((Date.now() - theirs) / 1000);
  const ok = Math.abs(seconds) < MOST_SECONDS;
  const detail = `this machine is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} KMS`;
  return [
    {
      name: 'clock',
      ok,
      detail,
      ...(ok ? {} : { advice: 'set the clock of this machine (NTP): requests carry their time' }),
    },
  ];
}

function compared(name: string, expected: string, got: string | undefined, advice: string): Finding {
  if (got === expected) return { name, ok: true, detail: got };
  return { name, ok: false, detail: `expected ${expected}, got ${cleaned(String(got))}`, advice };
}

/** Material that was imported with an end: AWS deletes it then. */
function expiry(at: Date): Finding {
  const advice = 'import it again without an end (KEY_MATERIAL_DOES_NOT_EXPIRE): the key stops signing then';
  return { name: 'key material', ok: false, detail: `it is deleted at ${at.toISOString()}`, advice };
}

function refused(name: string, error: unknown, action: string): Finding {
  const { errorCode, message } = awsFailure(error);
  return { name, ok: false, detail: message, advice: adviceFor(errorCode, action) };
}

function adviceFor(errorCode: string, action: string): string {
  switch (errorCode) {
    case 'AccessDeniedException':
      return `allow ${action} on this key to the role of the signer, in the key policy or by IAM`;
    case 'NotFoundException':
      return 'look at the key id or alias, the account and AWS_REGION';
    case NO_CREDENTIALS:
      return 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the process a role';
    case 'UnrecognizedClientException':
    case 'InvalidSignatureException':
    case 'ExpiredTokenException':
      return 'look at the credentials, and at the clock of this machine';
    case 'DisabledException':
      return 'enable the key (EnableKey)';
    default:
      return 'look at the route from here to KMS, and at its status page';
  }
}
