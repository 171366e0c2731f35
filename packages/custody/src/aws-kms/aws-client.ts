import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { KMSClient } from '@aws-sdk/client-kms';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { CircuitRule } from '../circuit-breaker.ts';
import { CustodyError } from '../error.ts';
import { collectBody } from './answer-body.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface AwsOptions {
  /** In `production` an endpoint other than AWS's own is refused, wherever it is set. */
  readonly mode: 'production' | 'development';
  /** Default: the variable AWS_REGION. */
  readonly region?: string;
  /** Development alone: the URL of a KMS emulator. */
  readonly endpoint?: string;
  /** Default: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; without them the SDK's own chain (roles, profiles). */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  /** Connections kept open to KMS: the calls in flight beyond it wait. Default 256. */
  readonly maxSockets?: number;
  /** After this long without an answer one attempt is given up, ms. Default 3000. */
  readonly attemptTimeoutMs?: number;
  /** Signatures a second that are asked for, by all keys together; those beyond wait for their turn. Default 500. */
  readonly signPerSecond?: number;
  /** When KMS counts as down. */
  readonly circuit?: CircuitRule;
}

export const ATTEMPT_TIMEOUT_MS = 3_000;

const ENDPOINT_VARIABLES = ['AWS_ENDPOINT_URL_KMS', 'AWS_ENDPOINT_URL'] as const;

/**
 * The SDK's client for KMS, with its own retries off: those hide every request id but the last.
 * @throws CustodyError `MISCONFIGURED`, naming the variable that is missing or must not be there
 */
export function createKmsClient(options: AwsOptions, env: NodeJS.ProcessEnv): KMSClient {
  const { endpoint, maxSockets = 256, attemptTimeoutMs = ATTEMPT_TIMEOUT_MS } = options;
  refuseOverrides(options, env);
  const given = options.credentials ?? credentialsFrom(env);
  // A copy: the SDK writes into the object it is given.
  const credentials = typeof given === 'object' ? { ...given } : given;
  const agent = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, scheduling: 'lifo' } as const;
  return new KMSClient({
    region: regionFrom(options, env),
    maxAttempts: 1,
    // The file ~/.aws/config may name another endpoint too; only the one given here counts.
    ignoreConfiguredEndpointUrls: true,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    streamCollector: collectBody,
    requestHandler: new NodeHttpHandler({
      connectionTimeout: attemptTimeoutMs,
      requestTimeout: attemptTimeoutMs,
      throwOnRequestTimeout: true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
    }),
  });
}

function refuseOverrides(options: AwsOptions, env: NodeJS.ProcessEnv): void {
  if (options.mode !== 'production') return;
  if (options.endpoint !== undefined) {
    throw new CustodyError('MISCONFIGURED', 'AWS endpoint: an override is refused in production mode');
  }
  for (const variable of ENDPOINT_VARIABLES) {
    if (env[variable]) {
      throw new CustodyError('MISCONFIGURED', `${variable}: an endpoint override is refused in production mode`);
    }
  }
}

function regionFrom(options: AwsOptions, env: NodeJS.ProcessEnv): string {
  const { AWS_REGION } = env;
  const region = options.region ?? AWS_REGION;
  if (!region) throw new CustodyError('MISCONFIGURED', 'AWS_REGION: expected a region, got nothing');
  return region;
}

/** Half a pair of credentials is a mistake that the SDK would answer by looking elsewhere. */
function credentialsFrom(env: NodeJS.ProcessEnv): AwsCredentials | undefined {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (!accessKeyId && !secretAccessKey) return undefined;
  if (!accessKeyId) throw new CustodyError('MISCONFIGURED', 'AWS_ACCESS_KEY_ID: missing beside AWS_SECRET_ACCESS_KEY');
  if (!secretAccessKey) {
    throw new CustodyError('MISCONFIGURED', 'AWS_SECRET_ACCESS_KEY: missing beside AWS_ACCESS_KEY_ID');
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
