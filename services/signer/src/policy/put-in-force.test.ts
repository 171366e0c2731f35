import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AuditDatabase, openAuditDatabase } from '../../testing/audit-database.ts';
import { evmPolicy } from '../../testing/policies.ts';
import { type ChainLease, openAuditChain } from '../audit/chain-lease.ts';
import { createStore, type Store } from '../store/store.ts';
import type { LoadedPolicy } from './load-policy.ts';
import { putInForce } from './put-in-force.ts';

let database: AuditDatabase;
let lease: ChainLease;
let store: Store;

beforeAll(async () => {
  database = await openAuditDatabase();
  lease = await openAuditChain(database.pool, 'signer-0');
  store = createStore(database.pool, lease, () => undefined);
});
afterAll(async () => {
  await lease.release();
  await database[Symbol.asyncDispose]();
});

const AT = new Date('2026-11-21T20:00:00.000Z');

function bundle(version: number): LoadedPolicy {
  const keys = new Map([
    ['treasury-evm', evmPolicy({})],
    ['treasury-stellar', evmPolicy({})],
  ]);
  return {
    policy: { version, environment: 'production', keys },
    keys: { keys: {} },
    digest: `digest ${version}`,
    keysDigest: '',
    signedBy: ['ana', 'bo'],
  };
}

async function lastEvent() {
  const { rows } = await database.pool.query('select event from audit_events order by sequence desc limit 1');
  return rows[0]?.event;
}

test('a policy that is accepted leaves its event, with who signed it and the keys that it is for', async () => {
  expect(await putInForce(store, bundle(2), AT)).toEqual({ accepted: true, isNew: true });
  const event = await lastEvent();
  expect(event).toMatchObject({
    eventName: 'SetPolicy',
    eventType: 'ConfigurationChange',
    eventTime: AT.toISOString(),
    requestParameters: {
      policyVersion: 2,
      environment: 'production',
      policyDigest: 'digest 2',
      signedBy: ['ana', 'bo'],
    },
    resources: [
      { type: 'Countersign::Key', id: 'treasury-evm' },
      { type: 'Countersign::Key', id: 'treasury-stellar' },
    ],
  });
  expect(event).not.toHaveProperty('errorCode');
});

test('one that is refused leaves one too, with the reason', async () => {
  expect(await putInForce(store, bundle(1), AT)).toMatchObject({ accepted: false });
  expect(await lastEvent()).toMatchObject({
    eventName: 'SetPolicy',
    requestParameters: { policyVersion: 1, policyDigest: 'digest 1' },
    errorCode: 'POLICY_REFUSED',
    errorMessage: 'version: expected at least 2, which was accepted before, got 1',
  });
});
