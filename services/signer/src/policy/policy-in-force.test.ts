import { CountersignError } from '@countersign/contract/errors';
import { expect, test } from '@jest/globals';
import type { LoadedPolicy } from './load-policy.ts';
import { openPolicy, type PolicyInForce, type PolicyOptions } from './policy-in-force.ts';

const bundle = (version: number): LoadedPolicy => ({
  policy: { version, environment: 'test', keys: new Map() },
  keys: { keys: {} },
  digest: `digest ${version}`,
  keysDigest: 'keys',
  signedBy: [],
});

const options = (change: Partial<PolicyOptions>): PolicyOptions => ({
  first: bundle(1),
  load: () => bundle(1),
  files: [],
  accept: async () => ({ accepted: true, isNew: true }),
  onChange: () => undefined,
  onError: () => undefined,
  ...change,
});

test('a file that changed while the signer was starting is not missed', async () => {
  await using source = await openPolicy(options({ load: () => bundle(2) }));
  expect(source.inForce()).toMatchObject({ version: 2n, digest: 'digest 2' });
});

test('a policy that the database could not be asked about is asked about again', async () => {
  const changed = Promise.withResolvers<PolicyInForce>();
  const problems: unknown[] = [];
  const down = new CountersignError('STORE_UNAVAILABLE', 'the database of the signer does not answer');
  const answers = [() => Promise.resolve(), () => Promise.reject(down), () => Promise.reject(down)];
  let written = 1;
  await using source = await openPolicy(
    options({
      load: () => bundle(written),
      accept: async () => {
        await answers.shift()?.();
        return { accepted: true, isNew: true };
      },
      onChange: changed.resolve,
      onError: (error) => problems.push(error),
      retryMs: 1,
    }),
  );
  written = 2;
  await source.reload();
  expect(source.inForce().version).toBe(1n);
  expect(await changed.promise).toMatchObject({ version: 2n });
  expect(problems).toEqual([down, down]);
});
