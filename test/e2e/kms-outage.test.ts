import { setTimeout as pause } from 'node:timers/promises';
import { type Stack, startStack } from '@countersign/dev/stack';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { holdings } from '../harness/balances.ts';
import { startPayoutLoad, sumsOf } from '../harness/payout-load.ts';
import { callApi } from '../harness/payouts.ts';
import { until } from '../harness/until.ts';

const OUTAGE_MS = 60_000;
const EVERY_MS = 1_000;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' } });
}, 60_000);
afterAll(async () => {
  await stack.stop();
});

const faults = (state: object) =>
  fetch(`${stack.urls.kms}/_dev/faults`, { method: 'PUT', body: JSON.stringify(state) });

async function circuit(): Promise<string | undefined> {
  const text = await (await fetch(stack.urls.signerMetrics)).text();
  return /^countersign_backend_circuit_open\{custody="aws-kms"\} (\d)$/m.exec(text)?.[1];
}

/** How many calls reached KMS: those that are refused are on its record too. */
async function calls(): Promise<number> {
  const { events } = (await (await fetch(`${stack.urls.kms}/_dev/events`)).json()) as { events: unknown[] };
  return events.length;
}

test('KMS is down for a minute under load: payouts wait, the API answers, and all is paid, once', async () => {
  const before = await holdings(stack);
  const load = startPayoutLoad(stack, EVERY_MS);
  await pause(5 * EVERY_MS);
  const from = Date.now();
  const callsBefore = await calls();
  await faults({ faults: [{ kind: 'error', code: 'KMSInternalException', operation: '*' }] });
  await until('the circuit is open', async () => (await circuit()) === '1');

  // Nothing is waited for here but the end of the outage: it has to last.
  const answers: number[] = [];
  while (Date.now() < from + OUTAGE_MS) {
    const start = performance.now();
    expect((await callApi(stack, '/v1/payouts?limit=1')).status).toBe(200);
    answers.push(performance.now() - start);
    await pause(1_000);
  }
  const to = Date.now();
  const callsMeanwhile = (await calls()) - callsBefore;
  await faults({});
  await until('the circuit is closed', async () => (await circuit()) === '0', 30_000);
  await pause(5 * EVERY_MS);
  const paid = await load.stop();

  const during = paid.filter(({ at }) => at > from && at < to - EVERY_MS);
  expect(during.length).toBeGreaterThan(60);
  expect(paid.filter(({ payout }) => payout.status !== 'completed')).toEqual([]);
  expect(Math.max(...during.map(({ acceptedMs }) => acceptedMs))).toBeLessThan(5_000);
  expect(Math.max(...answers)).toBeLessThan(5_000);
  // Some wait for the whole of it; all of them would have asked again and again without a circuit breaker.
  expect(Math.max(...during.map(({ paidMs }) => paidMs))).toBeGreaterThan(OUTAGE_MS / 2);
  expect(callsMeanwhile).toBeLessThan(100);
  const after = await holdings(stack);
  const { stellar, evm } = sumsOf(paid);
  expect(after).toEqual({ stellar: before.stellar + stellar, evm: before.evm + evm });
  const slowest = Math.max(...during.map(({ at, paidMs }) => at + paidMs - to));
  process.stdout.write(
    `KMS away for ${OUTAGE_MS / 1000} s: ${paid.length} payouts, ${during.length} of them meanwhile, ${callsMeanwhile} calls of KMS; all of these paid ${slowest} ms after its end\n`,
  );
}, 300_000);
