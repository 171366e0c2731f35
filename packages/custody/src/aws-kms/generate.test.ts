import { type Kms, startKms } from '@countersign/dev/kms';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { refusal } from '../../testing/refusal.ts';
import type { Provider } from '../provider.ts';
import type { AwsOptions } from './aws-client.ts';
import { type AwsKmsCustody, createAwsKmsProvider } from './provider.ts';

const ALGORITHMS = ['ed25519', 'secp256k1'] as const;
const within = () => AbortSignal.timeout(25_000);

let kms: Kms;
let operator: Provider<AwsKmsCustody>;
let signer: Provider<AwsKmsCustody>;
beforeAll(async () => {
  kms = await startKms({ keys: [{ alias: 'alias/taken', algorithm: 'ed25519' }] });
  const options: AwsOptions = { mode: 'development', endpoint: kms.url, region: kms.region, attemptTimeoutMs: 25_000 };
  operator = createAwsKmsProvider({ ...options, credentials: kms.credentials.operator }, {}, () => {});
  signer = createAwsKmsProvider({ ...options, credentials: kms.credentials.signer }, {}, () => {});
});
afterEach(() => kms.faults.clear());
afterAll(async () => {
  await Promise.all([operator.close(), signer.close()]);
  await kms.close();
});
const made = () =>
  kms.events().filter(({ eventName, errorCode }) => eventName === 'CreateKey' && errorCode === undefined);

test.each(ALGORITHMS)('a key of %s that is made can be opened', async (algorithm) => {
  const custody = { key: `alias/made-${algorithm}` };
  await operator.generate?.(custody, algorithm, within());
  await expect(signer.open(custody, algorithm, within())).resolves.toMatchObject({ algorithm });
});

test.each([
  ['an alias that is taken', 'alias/taken', 'key: expected an alias that is free, got alias/taken'],
  ['an id', '1234abcd-12ab-34cd-56ef-1234567890ab', 'key: expected an alias (alias/…) for a new key, got 1234abcd'],
])('%s is refused, and nothing is made', async (_, key, message) => {
  const before = made().length;
  const error = await refusal(Promise.resolve(operator.generate?.({ key }, 'ed25519', within())));
  expect(error).toMatchObject({ code: 'MISCONFIGURED' });
  expect(error.message).toContain(message);
  expect(made()).toHaveLength(before);
});

test('whoever may not make keys is refused', async () => {
  const error = await refusal(Promise.resolve(signer.generate?.({ key: 'alias/new' }, 'ed25519', within())));
  expect(error).toMatchObject({ code: 'MISCONFIGURED', attempts: [{ errorCode: 'AccessDeniedException' }] });
});

test('CreateKey is called once, whatever becomes of it', async () => {
  kms.faults.add({ kind: 'reset', operation: 'CreateKey', times: 1 });
  const before = made().length;
  const error = await refusal(Promise.resolve(operator.generate?.({ key: 'alias/lost' }, 'ed25519', within())));
  expect(error).toMatchObject({ code: 'UNAVAILABLE', attempts: [{}] });
  expect(made()).toHaveLength(before);
});

test('a key that gets no alias is named', async () => {
  kms.faults.add({ kind: 'error', code: 'AccessDeniedException', operation: 'CreateAlias' });
  const error = await refusal(Promise.resolve(operator.generate?.({ key: 'alias/nameless' }, 'ed25519', within())));
  expect(error).toMatchObject({ code: 'MISCONFIGURED' });
  expect(error.message).toMatch(/; key [0-9a-f-]{36} was made, and has no alias$/);
});
