import { verifyChain } from '@countersign/audit/chain';
import { createPool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { refusalOf } from '../harness/refusals.ts';
import { stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

let world: SignerWorld;
let replicas: readonly [Replica, Replica];

beforeAll(async () => {
  world = await openSignerWorld();
  replicas = [await world.start({ name: 'one' }), await world.start({ name: 'two' })];
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const sign = (i: number, request: Parameters<Replica['client']['signTransaction']>[0]) =>
  refusalOf((i % 2 ? replicas[0] : replicas[1]).client.signTransaction(request));

async function expectWholeChains(signed: number): Promise<void> {
  const chains = await Promise.all(['one', 'two'].map((chain) => auditRows(world, chain)));
  for (const rows of chains) expect(verifyChain(rows)).toMatchObject({ ok: true });
  const ends = chains.flat().filter(({ event }) => event.eventName === 'SignTransaction' && !('errorCode' in event));
  expect(ends).toHaveLength(signed);
}

test('replicas that sign at the same time have a whole chain of events each', async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      sign(i, stellarRequest(world, [{ id: `po_t${i}` }], { sequence: BigInt(i + 1) })),
    ),
  );
  expect(new Set(answers)).toEqual(new Set(['signed']));
  await expectWholeChains(60);
});

test('of requests that share a commit, each is answered for itself', async () => {
  const memo = (i: number) => ({ memo: { type: 'text', value: `n${i}` } }) as const;
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => {
      // Every third is bound elsewhere already, and every seventh names a request id that stands for another request.
      const id = i % 3 === 0 ? `po_t${i}` : `po_u${i}`;
      const request = stellarRequest(world, [{ id }], { sequence: BigInt(5_000 + i), ...memo(i) });
      return sign(i, i % 7 === 1 ? { ...request, requestId: 'at_same' } : request);
    }),
  );
  const named = answers.filter((_, i) => i % 3 !== 0 && i % 7 === 1);
  expect(named.filter((answer) => answer === 'signed')).toHaveLength(1);
  expect(named.filter((answer) => answer === 'REQUEST_ID_REUSED')).toHaveLength(named.length - 1);
  for (const [i, answer] of answers.entries()) {
    if (i % 3 === 0) expect(['PAYOUT_BOUND OTHER_LANE', 'REQUEST_ID_REUSED']).toContain(answer);
    else if (i % 7 !== 1) expect([i, answer]).toEqual([i, 'signed']);
  }
  await expectWholeChains(60 + answers.filter((answer) => answer === 'signed').length);
});

test('a second signer under a name that is in use does not start', async () => {
  await expect(world.start({ name: 'one' })).rejects.toThrow(
    /SIGNER_REPLICA: the audit chain one belongs to a process/,
  );
  expect(await sign(1, stellarRequest(world, [{ id: 'po_w' }], { sequence: 9_000n }))).toBe('signed');
});

test('a signer whose chain another has taken signs nothing any more, says so, and cannot fork it', async () => {
  const { client, signer } = await world.start({ name: 'paused' });
  const before = await auditRows(world, 'paused');
  const pool = createPool({ url: world.postgres.urls.signer, max: 1 });
  await pool.query(`update audit_chains set holder = 'another' where chain_id = 'paused'`);
  await pool.end();

  const signs = () => world.kms.events().filter(({ eventName }) => eventName === 'Sign').length;
  const signed = signs();
  const request = stellarRequest(world, [{ id: 'po_x' }], { sequence: 9_001n });
  expect(await refusalOf(client.signTransaction(request))).toBe('STORE_UNAVAILABLE');
  expect(signs()).toBe(signed);
  expect(await auditRows(world, 'paused')).toEqual(before);
  await until('it is not ready', async () => {
    const response = await fetch(`http://127.0.0.1:${signer.metricsPort}/readyz`);
    return response.status === 503 && (await response.text()).includes('audit');
  });
  // Nothing was bound: another replica signs it.
  expect(await sign(0, request)).toBe('signed');
});
