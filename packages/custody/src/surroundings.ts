import type { AwsOptions } from './aws-kms/aws-client.ts';

/** What a program of an operator reaches them with: the variables of the signer. */
export function surroundingsOf(env: NodeJS.ProcessEnv): Surroundings {
  const { COUNTERSIGN_MODE, AWS_ENDPOINT_URL_KMS: endpoint } = env;
  // In production custody finds the variable by itself, and refuses it by its name.
  if (COUNTERSIGN_MODE !== 'development') return { env, aws: { mode: 'production' } };
  return { env, aws: { mode: 'development', ...(endpoint === undefined ? {} : { endpoint }) } };
}

/** What the backends are reached with. */
export interface Surroundings {
  /** Where the seeds of the legacy path are, and AWS's credentials. */
  readonly env: NodeJS.ProcessEnv;
  readonly aws: AwsOptions;
  /** After this long without all keys opened the start is given up, ms. Default 15000. */
  readonly openTimeoutMs?: number;
  /** Custodies that were replaced are closed after this long, ms: longer than a signature takes. Default 10000. */
  readonly retireMs?: number;
  /** Told when a place of keys is taken for down, and when it answers again: `aws-kms`, or a backend and the name of the place. */
  readonly onCircuit?: (place: string, isOpen: boolean) => void;
}
