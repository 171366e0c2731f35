import { createCircuitBreaker } from '../circuit-breaker.ts';
import type { Provider } from '../provider.ts';
import { BURST_SHARE, createQuota } from '../quota.ts';
import { type AwsOptions, createKmsClient } from './aws-client.ts';
import { openAwsKmsBackend } from './aws-kms.ts';
import { examineAwsKms } from './examine.ts';
import { generateAwsKmsKey } from './generate.ts';

/** Half of AWS's quota of Sign and Verify for keys on elliptic curves, which all replicas and all else in an account and Region share. */
const SIGN_PER_SECOND = 500;

export interface AwsKmsCustody {
  /** Key id, key ARN, alias name (`alias/…`) or alias ARN. */
  readonly key: string;
}

/**
 * The KMS of one account and Region. Its keys share a quota (https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html)
 * and what is known of its health.
 * @throws CustodyError `MISCONFIGURED`
 */
export function createAwsKmsProvider(
  options: AwsOptions,
  env: NodeJS.ProcessEnv,
  onCircuit: (isOpen: boolean) => void,
): Provider<AwsKmsCustody> {
  const client = createKmsClient(options, env);
  const { signPerSecond: perSecond = SIGN_PER_SECOND, attemptTimeoutMs } = options;
  const gate = {
    quota: createQuota({ perSecond, burst: Math.ceil(perSecond / BURST_SHARE) }),
    circuit: createCircuitBreaker(options.circuit, onCircuit),
  };
  return {
    open: ({ key }, algorithm, signal) => openAwsKmsBackend(client, { key, algorithm, gate, attemptTimeoutMs }, signal),
    examine: ({ key }, algorithm, signal) => examineAwsKms(client, key, algorithm, signal),
    generate: ({ key }, algorithm, signal) => generateAwsKmsKey(client, key, algorithm, signal),
    close: async () => client.destroy(),
  };
}
