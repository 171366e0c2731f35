import { createCircuitBreaker } from '../circuit-breaker.ts';
import type { Provider } from '../provider.ts';
import { createQuota } from '../quota.ts';
import { type AwsOptions, createKmsClient } from './aws-client.ts';
import { openAwsKmsBackend } from './aws-kms.ts';
import { examineAwsKms } from './examine.ts';
import { generateAwsKmsKey } from './generate.ts';

/** AWS's quota of Sign and Verify for keys on elliptic curves, which all keys of an account share in a Region. */
const SIGN_PER_SECOND = 1_000;

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
  const { signPerSecond: perSecond = SIGN_PER_SECOND } = options;
  const gate = {
    quota: createQuota({ perSecond, burst: perSecond }),
    circuit: createCircuitBreaker(options.circuit, onCircuit),
  };
  return {
    open: ({ key }, algorithm, signal) => openAwsKmsBackend(client, { key, algorithm, gate }, signal),
    examine: ({ key }, algorithm, signal) => examineAwsKms(client, key, algorithm, signal),
    generate: ({ key }, algorithm, signal) => generateAwsKmsKey(client, key, algorithm, signal),
    close: async () => client.destroy(),
  };
}
