import { verifyChain } from '@countersign/audit/chain';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditRows } from '../harness/audit.ts';
import { refusalOf } from '../harness/refusals.ts';
import { stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';

let world: SignerWorld;
let twins: readonly [Replica, Replica];

beforeAll(async () => {
  world = await openSignerWorld();
  twins = [await world.start({ name: 'twin' }), await world.start({ name: 'twin' })];
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const sign = (i: number, request: Parameters<Replica['client']['signTransaction']>[0]) =>
  refusalOf((i % 2 ? twins[0] : twins[1]).client.signTransaction(request));

test('two signers under one name cannot fork the chain of events', async () => {
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      sign(i, stellarRequest(world, [{ id: `po_t${i}` }], { sequence: BigInt(i + 1) })),
    ),
  );
  expect(new Set(answers)).toEqual(new Set(['signed']));
  const rows = await auditRows(world, 'twin');
  expect(verifyChain(rows)).toMatchObject({ ok: true });
  expect(rows.filter(({ event }) => event.eventName === 'SignTransaction')).toHaveLength(60);
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
  expect(verifyChain(await auditRows(world, 'twin'))).toMatchObject({ ok: true });
});
