import { generateKeyPairSync, sign } from 'node:crypto';
import type { Backend } from '@countersign/custody/backend';
import { createLogger } from '@countersign/runtime/log';
import { createMetrics } from '@countersign/runtime/metrics';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { EVM_KEY } from '../../testing/asks.ts';
import { openStores, type Stores } from '../../testing/stores.ts';
import { signerMetrics } from '../metrics.ts';
import { createShadow } from './shadow.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const rawKey = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));
const MESSAGE = new Uint8Array(32).fill(7);

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
beforeEach(async () => {
  await stores.database.pool.query('truncate shadow_signatures');
  await stores.database.pool.query('update keys set frozen_at = null, frozen_reason = null');
});
afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

/** One comparison with a backend, to its end. */
async function compare(answer: Backend['sign']) {
  const registry = createMetrics('test');
  const backend: Backend = {
    name: 'aws-kms',
    algorithm: 'ed25519',
    publicKey: rawKey,
    sign: answer,
    close: async () => {},
  };
  const shadow = createShadow({
    store: stores.pair[0],
    metrics: signerMetrics(registry),
    log: createLogger({ service: 'test', level: 'silent' }),
    clock: () => new Date(),
    timeoutMs: 5_000,
  });
  const key = { id: EVM_KEY, algorithm: 'ed25519', publicKey: rawKey, custodies: {} } as const;
  shadow.compare({ requestId: 'r', policyDigest: 'd', key, backend, message: MESSAGE, legacyMs: 1 });
  const counted = async () => {
    const { values = [] } = (await registry.getSingleMetric('countersign_shadow_signatures_total')?.get()) ?? {};
    return values.map(({ labels, value }) => `${labels['outcome']} ${value}`);
  };
  return { shadow, counted };
}

async function rows(): Promise<unknown[]> {
  return (await stores.database.pool.query('select outcome from shadow_signatures')).rows;
}

const events = async () => {
  const { rows } = await stores.database.pool.query<{ name: string }>(
    `select event->>'eventName' as name from audit_events where event->>'requestID' = 'r' order by sequence`,
  );
  return rows.map(({ name }) => name);
};
const good: Backend['sign'] = async (message) => ({ signature: sign(null, message, privateKey), attempts: [] });
/** Ends with its deadline, and no sooner. */
const hangs: Backend['sign'] = (_, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

test('a key that was frozen since is not asked for', async () => {
  await stores.database.pool.query(`update keys set frozen_at = now(), frozen_reason = 'x'`);
  let asked = 0;
  const { shadow, counted } = await compare(async (...call) => {
    asked += 1;
    return good(...call);
  });
  await shadow[Symbol.asyncDispose]();
  expect([asked, await counted(), await rows(), await events()]).toEqual([0, ['skipped 1'], [], []]);
});

test('one that the end of the process cuts off has its event, and counts for nothing', async () => {
  let begun = () => {};
  const beginning = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const { shadow, counted } = await compare((...call) => {
    begun();
    return hangs(...call);
  });
  await beginning;
  await shadow[Symbol.asyncDispose]();
  expect([await counted(), await rows()]).toEqual([['skipped 1'], []]);
  expect(await events()).toEqual(['ReserveShadowSignature', 'ShadowSignature']);
});

test('what is older than it is kept for is deleted when the next one comes', async () => {
  await stores.database.pool.query(
    `insert into shadow_signatures (key_id, backend, outcome, legacy_us, shadow_us, at) values ($1, 'aws-kms', 'failed', 1, 1, now() - interval '91 days')`,
    [EVM_KEY],
  );
  const { shadow, counted } = await compare(good);
  while ((await counted()).length === 0) await new Promise(setImmediate);
  await shadow[Symbol.asyncDispose]();
  expect(await rows()).toEqual([{ outcome: 'agreed' }]);
});
