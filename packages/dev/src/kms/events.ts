import { randomUUID } from 'node:crypto';
import type { Identity } from './access.ts';
import type { Input } from './input.ts';
import type { KmsError } from './kms-error.ts';

/** A record as CloudTrail writes it (CloudTrail User Guide, record contents; KMS Developer Guide, log entries). */
export interface KmsEvent {
  readonly eventVersion: '1.11';
  readonly userIdentity: {
    readonly type: 'IAMUser';
    readonly principalId: string;
    readonly arn: string;
    readonly accountId: string;
    readonly accessKeyId: string;
    readonly userName: string;
  };
  /** ISO 8601, whole seconds. */
  readonly eventTime: string;
  readonly eventSource: 'kms.amazonaws.com';
  readonly eventName: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  /** Never the message, the digest or the signature. */
  readonly requestParameters: Readonly<Record<string, unknown>>;
  readonly responseElements: null;
  readonly requestID: string;
  readonly eventID: string;
  readonly readOnly: boolean;
  readonly resources: readonly { readonly accountId: string; readonly type: 'AWS::KMS::Key'; readonly ARN: string }[];
  readonly eventType: 'AwsApiCall';
  readonly managementEvent: true;
  readonly recipientAccountId: string;
  readonly eventCategory: 'Management';
}

export interface RecordedCall {
  readonly requestId: string;
  readonly operation: string;
  readonly readOnly: boolean;
  readonly identity: Identity;
  readonly input: Input;
  /** ARN of the key that the call names, where there is such a key. */
  readonly keyArn: string | undefined;
  readonly error: KmsError | undefined;
  readonly sourceAddress: string;
  readonly userAgent: string;
}

export interface EventLog {
  record(call: RecordedCall): void;
  /** The newest calls, oldest first. */
  all(): readonly KmsEvent[];
  clear(): void;
}

/** Calls whose caller is known, answered or refused. Calls that were reset or left hanging are not among them. */
export function createEventLog(account: string, region: string, most = 10_000): EventLog {
  let calls: { readonly at: Date; readonly eventID: string; readonly call: RecordedCall }[] = [];
  return {
    record(call) {
      calls.push({ at: new Date(), eventID: randomUUID(), call });
      if (calls.length >= 2 * most) calls = calls.slice(-most);
    },
    // Written out only when somebody reads: recording is on the path of every signature.
    all: () => calls.slice(-most).map(({ at, eventID, call }) => eventOf(call, at, eventID, account, region)),
    clear() {
      calls = [];
    },
  };
}

function eventOf(call: RecordedCall, at: Date, eventID: string, account: string, region: string): KmsEvent {
  const { identity, error, keyArn } = call;
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: identity.accessKeyId,
      arn: identity.arn,
      accountId: account,
      accessKeyId: identity.accessKeyId,
      userName: identity.arn.slice(identity.arn.indexOf('/') + 1),
    },
    eventTime: at.toISOString().replace(/\.\d{3}Z$/, 'Z'),
    eventSource: 'kms.amazonaws.com',
    eventName: call.operation,
    awsRegion: region,
    sourceIPAddress: call.sourceAddress,
    userAgent: call.userAgent,
    ...(error === undefined ? {} : { errorCode: error.code, errorMessage: error.message }),
    requestParameters: parametersOf(call.input),
    responseElements: null,
    requestID: call.requestId,
    eventID,
    readOnly: call.readOnly,
    resources: keyArn === undefined ? [] : [{ accountId: account, type: 'AWS::KMS::Key', ARN: keyArn }],
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  };
}

const UNLOGGED = new Set([
  'Message',
  'Signature',
  'GrantTokens',
  'Plaintext',
  'CiphertextBlob',
  'ImportToken',
  'EncryptedKeyMaterial',
]);

function parametersOf(input: Input): Record<string, unknown> {
  const logged = Object.entries(input).filter(([name]) => !UNLOGGED.has(name));
  return Object.fromEntries(
    logged.map(([name, value]) => [`${name.slice(0, 1).toLowerCase()}${name.slice(1)}`, value]),
  );
}
