import { verifyChain } from '@countersign/audit/chain';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { auditRows, eventsOf } from '../harness/audit.ts';
import { refusalOf } from '../harness/refusals.ts';
import { evmRequest, stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';

let world: SignerWorld;
let replica: Replica;

beforeAll(async () => {
  world = await openSignerWorld();
  replica = await world.start();
});
afterEach(() => world.kms.faults.clear());
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const sign = (request: Parameters<Replica['client']['signTransaction']>[0]) =>
  refusalOf(replica.client.signTransaction(request));

describe('a key backend that fails', () => {
  test('a throttled call is tried again, and the event names every request id that KMS gave', async () => {
    const request = stellarRequest(world, [{ id: 'po_t' }], { sequence: 1n });
    world.kms.faults.add({ kind: 'error', code: 'ThrottlingException', times: 2 });
    expect(await sign(request)).toBe('signed');

    const attempts = (await eventsOf(world, request.requestId)).flatMap(
      ({ event }) => event.additionalEventData['backendAttempts'] ?? [],
    );
    expect(attempts).toEqual([
      expect.objectContaining({ outcome: 'failed', errorCode: 'ThrottlingException', requestId: expect.any(String) }),
      expect.objectContaining({ outcome: 'failed', errorCode: 'ThrottlingException', requestId: expect.any(String) }),
      expect.objectContaining({ outcome: 'succeeded', requestId: expect.any(String) }),
    ]);
    const inKms = world.kms.events().map(({ requestID }) => requestID);
    for (const attempt of attempts as { requestId: string }[]) expect(inKms).toContain(attempt.requestId);
  });

  test('a refusal of KMS is final for the call, the reservation stays, and the same bytes are signed later', async () => {
    const request = evmRequest(world, { id: 'po_u' });
    world.kms.faults.add({ kind: 'error', code: 'DisabledException', times: 1 });
    expect(await sign(request)).toBe('CUSTODY_REFUSED');
    expect(await sign(evmRequest(world, { id: 'po_v', amount: 7n }))).toBe('LANE_TAKEN LANE_TAKEN');
    expect(await sign(request)).toBe('signed');
  });

  test.each(['wrong-signature', 'malformed-signature'] as const)('a %s never leaves', async (kind) => {
    for (const request of [
      evmRequest(world, { id: `po_${kind}` }, { nonce: kind === 'wrong-signature' ? 1n : 2n }),
      stellarRequest(world, [{ id: `po_s_${kind}` }], { sequence: kind === 'wrong-signature' ? 2n : 3n }),
    ]) {
      world.kms.faults.add({ kind, times: 1 });
      expect(await sign(request)).toBe('SIGNATURE_INVALID');
      expect(await sign(request)).toBe('signed');
    }
  });

  test('a high S is answered low', async () => {
    world.kms.faults.add({ kind: 'high-s', times: 1 });
    const { signature } = await replica.client.signTransaction(evmRequest(world, { id: 'po_h' }, { nonce: 3n }));
    expect(BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString('hex')}`)).toBeLessThan(2n ** 255n);
  });

  test('a KMS that hangs ends in CUSTODY_UNAVAILABLE, within the time of the signer', async () => {
    const request = stellarRequest(world, [{ id: 'po_w' }], { sequence: 4n });
    world.kms.faults.add({ kind: 'hang' });
    const started = Date.now();
    const refusal = await refusalOf(replica.client.signTransaction(request, { deadlineMs: 20_000 }));
    expect(refusal).toBe('CUSTODY_UNAVAILABLE');
    expect(Date.now() - started).toBeLessThan(12_000);
    world.kms.faults.clear();
    expect(await sign(request)).toBe('signed');
  });
});

describe('a database that goes away', () => {
  test('nothing is signed, the caller may ask again, and the chain of events is whole afterwards', async () => {
    const request = stellarRequest(world, [{ id: 'po_z' }], { sequence: 5n });
    const signs = () => world.kms.events().filter(({ eventName }) => eventName === 'Sign').length;
    const before = signs();
    await world.postgres.crash();
    expect(await sign(request)).toBe('STORE_UNAVAILABLE');
    expect(signs()).toBe(before);
    await world.postgres.restart();
    expect(await sign(request)).toBe('signed');
    expect(verifyChain(await auditRows(world, 'signer-0'))).toMatchObject({ ok: true });
  });
});
