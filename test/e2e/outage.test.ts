import { type Stack, startStack } from '@countersign/dev/stack';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { callApi, follow, order, type Payout, toEvm, toStellar } from '../harness/payouts.ts';
import { until } from '../harness/until.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' } });
}, 60_000);
afterAll(async () => {
  await stack.stop();
});

const bothChains = () => Promise.all([order(stack, toStellar(stack, '1')), order(stack, toEvm(stack, '0.01'))]);

async function waits(payouts: readonly Payout[], code: RegExp): Promise<void> {
  for (const { id } of payouts) {
    const { reason, status } = await follow(stack, id, (payout) => code.test(payout.reason?.code ?? ''));
    expect([status, reason?.code]).toEqual([
      expect.not.stringMatching(/completed|failed/),
      expect.stringMatching(code),
    ]);
  }
}

async function goesOn(payouts: readonly Payout[]): Promise<void> {
  for (const { id } of payouts) expect(await follow(stack, id)).toMatchObject({ status: 'completed', reason: null });
}

const faults = (state: object) =>
  fetch(`${stack.urls.kms}/_dev/faults`, { method: 'PUT', body: JSON.stringify(state) });

describe('a payout stays where it is, says why, and goes on by itself', () => {
  test('when KMS refuses every call for being too many', async () => {
    expect((await faults({ faults: [{ kind: 'error', code: 'ThrottlingException' }] })).ok).toBe(true);
    const payouts = await bothChains();
    await waits(payouts, /^CUSTODY_UNAVAILABLE$/);
    await faults({});
    await goesOn(payouts);
  }, 120_000);

  test('when the chain nodes are down', async () => {
    await Promise.all([stack.kill('stellar', 'SIGSTOP'), stack.kill('anvil', 'SIGSTOP')]);
    const payouts = await bothChains();
    await waits(payouts, /^CHAIN_UNAVAILABLE$/);
    await Promise.all([stack.kill('stellar', 'SIGCONT'), stack.kill('anvil', 'SIGCONT')]);
    await goesOn(payouts);
  }, 120_000);

  test('when the databases go away: the API says so, stays up, and nothing is lost', async () => {
    const payouts = await bothChains();
    await stack.postgres.crash();
    const { status, body } = await callApi(stack, `/v1/payouts/${payouts[0]?.id}`);
    expect([status, body]).toEqual([503, expect.objectContaining({ code: 'UNAVAILABLE' })]);
    await until('the API is not ready', async () => (await fetch(`${stack.urls.api}/readyz`)).status === 503);
    await stack.postgres.restart();
    await until('the API is ready', async () => (await fetch(`${stack.urls.api}/readyz`)).ok);
    await goesOn(payouts);
  }, 120_000);
});
