import type { AuditEvent } from '@countersign/audit/event';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditRows, eventsOf } from '../harness/audit.ts';
import { operate } from '../harness/operate.ts';
import { refusalOf } from '../harness/refusals.ts';
import { evmRequest, stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

let world: SignerWorld;
let replicas: Replica[];

beforeAll(async () => {
  world = await openSignerWorld();
  replicas = [await world.start({ name: 'signer-0' }), await world.start({ name: 'signer-1' })];
}, 60_000);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Runs signerctl. @returns its exit code and what it printed. */
async function said(...args: string[]): Promise<string> {
  const { code, out, err } = await operate(world, ...args);
  return `${code} ${out}${err}`;
}

const outcomes = (...requests: Parameters<Replica['client']['signTransaction']>[0][]) =>
  Promise.all(replicas.flatMap(({ client }) => requests.map((request) => refusalOf(client.signTransaction(request)))));

async function freezeEvents(): Promise<AuditEvent[]> {
  const rows = await Promise.all(['signer-0', 'signer-1'].map((chain) => auditRows(world, chain)));
  return rows.flat().flatMap(({ event }) => (/FreezeKey$|UnfreezeKey$/.test(event.eventName) ? [event] : []));
}

test('a frozen key signs nothing on any replica from that moment on, replays neither; the other keys go on', async () => {
  const before = stellarRequest(world, [{ id: 'before' }]);
  expect(await refusalOf(replicas[0]?.client.signTransaction(before) ?? Promise.reject())).toBe('signed');

  expect(await said('freeze', 'treasury-stellar', '--reason', 'suspected theft', '--by', 'alice')).toBe(
    '0 treasury-stellar: frozen\n',
  );
  const next = stellarRequest(world, [{ id: 'next' }], { sequence: 2n });
  expect(new Set(await outcomes(before, next))).toEqual(new Set(['KEY_FROZEN KEY_FROZEN']));
  expect(await outcomes(evmRequest(world, { id: 'other' }))).toEqual(['signed', 'signed']);
  expect(await said('frozen')).toMatch(/^0 treasury-stellar {2}since \d{4}-.*Z: suspected theft\n$/);

  expect(await said('unfreeze', 'treasury-stellar', '--reason', 'false alarm', '--by', 'bob')).toBe(
    '0 treasury-stellar: signs again\n',
  );
  expect(new Set(await outcomes(before, next))).toEqual(new Set(['signed']));
  expect(await said('frozen')).toBe('0 no key is frozen\n');
});

test('each leaves one event, with who did it and why', async () => {
  await until('both are told of', async () => (await freezeEvents()).length >= 2);
  expect(await freezeEvents()).toMatchObject([
    { eventName: 'FreezeKey', requestParameters: { reason: 'suspected theft', operator: 'alice' } },
    { eventName: 'UnfreezeKey', requestParameters: { reason: 'false alarm', operator: 'bob' } },
  ]);
});

test('the metric says which key is frozen', async () => {
  await said('freeze', 'treasury-evm', '--reason', 'x');
  const [first] = replicas;
  const metrics = async () => (await fetch(`http://127.0.0.1:${first?.signer.metricsPort}/metrics`)).text();
  await until('it shows', async () => /countersign_key_frozen\{key="treasury-evm"\} 1/.test(await metrics()));
  expect(await metrics()).toContain('countersign_key_frozen{key="treasury-stellar"} 0');
  await said('unfreeze', 'treasury-evm', '--reason', 'x');
});

test('what was reserved before is still signed, and not given out again', async () => {
  const request = stellarRequest(world, [{ id: 'reserved' }], { sequence: 3n });
  const [first] = replicas;
  let isAnswered = false;
  world.kms.faults.add({ kind: 'hang' });
  const signing = refusalOf(first?.client.signTransaction(request) ?? Promise.reject()).finally(() => {
    isAnswered = true;
  });
  await until('it is reserved', async () => (await eventsOf(world, request.requestId)).length > 0);
  await said('freeze', 'treasury-stellar', '--reason', 'while the key backend has it', '--by', 'carol');
  expect(isAnswered).toBe(false);

  world.kms.faults.clear();
  expect(await signing).toBe('signed');
  expect(new Set(await outcomes(request))).toEqual(new Set(['KEY_FROZEN KEY_FROZEN']));
  await said('unfreeze', 'treasury-stellar', '--reason', 'false alarm', '--by', 'dave');
});

test.each([
  ['an unknown key', ['freeze', 'nobody', '--reason', 'x'], /^1 nobody: no such key\n$/],
  ['a key that is so already', ['unfreeze', 'treasury-evm', '--reason', 'x'], /^0 treasury-evm: already so\n$/],
  ['no reason', ['freeze', 'treasury-evm'], /^2 --reason: expected why/],
  ['no key', ['freeze', '--reason', 'x'], /^2 expected one key id/],
])('%s is said', async (_, args, answer) => {
  expect(await said(...args)).toMatch(answer);
});
