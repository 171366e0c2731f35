import type { JsonValue } from './canonical-json.ts';

export type { JsonValue } from './canonical-json.ts';

export type JsonObject = { readonly [name: string]: JsonValue };

/**
 * One call, or one change of configuration, in the field names of a CloudTrail record. JSON values only: amounts and
 * other integers beyond 2^53 are decimal strings.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export type AuditEvent = {
  readonly eventVersion: '1.0';
  /** Unique; a UUID. */
  readonly eventID: string;
  /** ISO 8601 with milliseconds, UTC. */
  readonly eventTime: string;
  readonly eventSource: 'signer.countersign' | 'api.countersign';
  /** For example `SignTransaction`. */
  readonly eventName: string;
  readonly eventType: 'SignerCall' | 'ApiCall' | 'ConfigurationChange';
  readonly userIdentity: {
    readonly type: 'SpiffeId' | 'ApiKey' | 'Anonymous' | 'System';
    /** The SPIFFE ID, or the id of the API key; never the key. */
    readonly principalId: string;
  };
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  /** The id that both sides of the wall log the request under. */
  readonly requestID: string;
  readonly requestParameters: JsonObject | null;
  readonly responseElements: JsonObject | null;
  /** Absent where the call succeeded. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly readOnly: boolean;
  readonly resources: readonly { readonly type: string; readonly id: string }[];
  readonly additionalEventData: JsonObject;
};
