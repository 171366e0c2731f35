import { randomUUID } from 'node:crypto';
import { type Stack, startStack } from '@countersign/dev/stack';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holdings } from '../harness/balances.ts';
import { follow, order, toEvm, toStellar } from '../harness/payouts.ts';

const PAYOUTS = 12;
const KILLS = 8;

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' } });
}, 60_000);
afterAll(async () => {
  await stack.stop();
});

test('an API that is killed with -9 again and again pays every payout once', async () => {
  const before = await holdings(stack);
  const [first] = fc.sample(fc.infiniteStream(fc.integer({ min: 0, max: 1500 })), 1);
  const pauses = first ?? [].values();

  // The recipients of one chain take turns; the last one on Stellar does not exist before it is paid.
  const orders = Array.from({ length: PAYOUTS }, (_, i) => [
    order(stack, toStellar(stack, '2', i % stack.recipients.stellar.length), randomUUID()),
    order(stack, toEvm(stack, '0.01', i % stack.recipients.evm.length), randomUUID()),
  ]).flat();
  for (let kill = 0; kill < KILLS; kill++) {
    const pause = Number(pauses.next().value);
    await new Promise((resolve) => setTimeout(resolve, pause));
    await stack.kill('api', 'SIGKILL');
    await stack.restart('api');
  }

  const payouts = await Promise.all(orders);
  expect(new Set(payouts.map(({ id }) => id)).size).toBe(2 * PAYOUTS);
  for (const { id } of payouts) await follow(stack, id, undefined, 90_000);

  const after = await holdings(stack);
  expect(after.stellar - before.stellar).toBe(BigInt(PAYOUTS) * 20_000_000n);
  expect(after.evm - before.evm).toBe(BigInt(PAYOUTS) * 10n ** 16n);
}, 240_000);

test('a signer that is killed with -9 is waited for', async () => {
  const before = await holdings(stack);
  await stack.kill('signer', 'SIGKILL');
  const waiting = [await order(stack, toStellar(stack, '2')), await order(stack, toEvm(stack, '0.01'))];
  for (const { id } of waiting) {
    const payout = await follow(stack, id, ({ reason }) => reason !== null);
    expect(payout).toMatchObject({ reason: { code: 'SIGNER_UNAVAILABLE' } });
    expect(['created', 'signing']).toContain(payout.status);
  }
  await stack.restart('signer');
  for (const { id } of waiting) expect(await follow(stack, id)).toMatchObject({ reason: null });
  const after = await holdings(stack);
  expect(after).toEqual({ stellar: before.stellar + 20_000_000n, evm: before.evm + 10n ** 16n });
}, 120_000);
