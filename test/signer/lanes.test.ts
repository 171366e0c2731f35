import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refusalOf } from '../harness/refusals.ts';
import { cancelRequest, evmRequest, stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';

let world: SignerWorld;
let one: Replica;
let two: Replica;

beforeAll(async () => {
  world = await openSignerWorld({ channels: 3 });
  [one, two] = await Promise.all([world.start({ name: 'signer-1' }), world.start({ name: 'signer-2' })]);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Asks one replica, then the other. */
const sign = async (request: Parameters<Replica['client']['signTransaction']>[0], replica = one) =>
  refusalOf(replica.client.signTransaction(request));
const channel = (i: number) => world.keys.channels[i]?.publicKey() ?? '';

describe('a Stellar lane', () => {
  test('takes any number of transactions for a payout', async () => {
    for (const sequence of [1n, 1n, 2n, 700n, 1024n]) {
      const maxTime = BigInt(Math.floor(Date.now() / 1000) + 100 + Number(sequence % 100n));
      expect(await sign(stellarRequest(world, [{ id: 'po_1' }], { sequence, maxTime }))).toBe('signed');
    }
  });

  test('holds its payouts for good: another range, another channel', async () => {
    expect(await sign(stellarRequest(world, [{ id: 'po_2' }], { sequence: 1024n }))).toBe('signed');
    expect(await sign(stellarRequest(world, [{ id: 'po_2' }], { sequence: 1025n }), two)).toBe(
      'PAYOUT_BOUND OTHER_LANE',
    );
    expect(await sign(stellarRequest(world, [{ id: 'po_2' }], { sequence: 1024n, channel: channel(1) }), two)).toBe(
      'PAYOUT_BOUND OTHER_LANE',
    );
  });

  test('holds a payout to its terms', async () => {
    const [, other] = world.recipients.stellar;
    expect(await sign(stellarRequest(world, [{ id: 'po_3' }], { sequence: 10n }))).toBe('signed');
    const amount = stellarRequest(world, [{ id: 'po_3', amount: 10_000_001n }], { sequence: 11n });
    expect(await sign(amount, two)).toBe('PAYOUT_BOUND OTHER_TERMS');
    const destination = stellarRequest(world, [{ id: 'po_3', destination: other ?? '' }], { sequence: 11n });
    expect(await sign(destination, two)).toBe('PAYOUT_BOUND OTHER_TERMS');
    const memo = stellarRequest(world, [{ id: 'po_3' }], { sequence: 11n, memo: { type: 'text', value: 'x' } });
    expect(await sign(memo, two)).toBe('PAYOUT_BOUND OTHER_TERMS');
  });

  test('a batch with one bound payout binds none of the others', async () => {
    expect(await sign(stellarRequest(world, [{ id: 'po_4' }], { sequence: 20n }))).toBe('signed');
    const mixed = stellarRequest(world, [{ id: 'po_5' }, { id: 'po_4' }], { sequence: 5_000n });
    expect(await sign(mixed, two)).toBe('PAYOUT_BOUND OTHER_LANE');
    expect(await sign(stellarRequest(world, [{ id: 'po_5' }], { sequence: 9_000n }))).toBe('signed');
  });

  test('the same bytes for other payouts are refused', async () => {
    const maxTime = BigInt(Math.floor(Date.now() / 1000) + 100);
    expect(await sign(stellarRequest(world, [{ id: 'po_6' }], { sequence: 30n, maxTime }))).toBe('signed');
    expect(await sign(stellarRequest(world, [{ id: 'po_7' }], { sequence: 30n, maxTime }), two)).toBe(
      'PAYOUT_BOUND TRANSACTION_DECLARED_OTHERWISE',
    );
  });

  test('a request id stands for one request', async () => {
    const first = stellarRequest(world, [{ id: 'po_8' }], { sequence: 40n });
    expect(await sign(first)).toBe('signed');
    const { requestId } = first;
    expect(await sign(stellarRequest(world, [{ id: 'po_8' }], { sequence: 41n }, { requestId }), two)).toBe(
      'REQUEST_ID_REUSED',
    );
    expect(await sign(first, two)).toBe('signed');
  });
});

describe('an EVM lane', () => {
  test('carries one payout, which may be replaced', async () => {
    expect(await sign(evmRequest(world, { id: 'po_e1' }))).toBe('signed');
    expect(await sign(evmRequest(world, { id: 'po_e1' }, { maxFeePerGas: 150_000_000_000n }), two)).toBe('signed');
    expect(await sign(evmRequest(world, { id: 'po_e2' }, { maxFeePerGas: 150_000_000_001n }), two)).toBe(
      'LANE_TAKEN LANE_TAKEN',
    );
    expect(await sign(evmRequest(world, { id: 'po_e1' }, { nonce: 1n }), two)).toBe('PAYOUT_BOUND OTHER_LANE');
  });

  test('nonces are signed without a gap, and not far ahead', async () => {
    expect(await sign(evmRequest(world, { id: 'po_e3' }, { nonce: 2n }))).toBe('NONCE_OUT_OF_WINDOW NONCE_GAP');
    for (let nonce = 1n; nonce < 16n; nonce++) {
      expect(await sign(evmRequest(world, { id: `po_n${nonce}` }, { nonce }), nonce % 2n ? two : one)).toBe('signed');
    }
    const next = () => evmRequest(world, { id: 'po_n16' }, { nonce: 16n });
    expect(await sign(next())).toBe('NONCE_OUT_OF_WINDOW NONCE_TOO_FAR_AHEAD');
    const later = evmRequest(world, { id: 'po_n16' }, { nonce: 16n }, { lowestOpenNonce: 1n });
    expect(await sign(later)).toBe('signed');
  });

  test('a report that claims more than was signed does not move the window', async () => {
    const lie = evmRequest(world, { id: 'po_n16' }, { nonce: 16n }, { lowestOpenNonce: 2n ** 63n });
    expect(await sign(lie)).toBe('signed');
    const far = evmRequest(world, { id: 'po_far' }, { nonce: 10n ** 12n }, { lowestOpenNonce: 1n });
    expect(await sign(far, two)).toBe('NONCE_OUT_OF_WINDOW NONCE_GAP');
  });

  test('a cancel fills a nonce that nothing was signed on, and a payout may still take it', async () => {
    expect(await sign(cancelRequest(world, 17n, 2n))).toBe('signed');
    expect(await sign(evmRequest(world, { id: 'po_n17' }, { nonce: 17n }), two)).toBe('signed');
  });
});

describe('two replicas at once', () => {
  test('one payout asked for in many lanes is bound to one', async () => {
    const asked = Array.from({ length: 24 }, (_, i) =>
      sign(
        stellarRequest(world, [{ id: 'po_race' }], { sequence: BigInt(1024 * i + 1), channel: channel(i % 3) }),
        i % 2 ? one : two,
      ),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'signed')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'PAYOUT_BOUND OTHER_LANE')).toHaveLength(23);
  });

  test('one nonce asked for by many payouts takes one', async () => {
    const asked = Array.from({ length: 24 }, (_, i) =>
      sign(
        evmRequest(
          world,
          { id: `po_r${i}` },
          { nonce: 18n, maxFeePerGas: 100_000_000_000n + BigInt(i) },
          { lowestOpenNonce: 5n },
        ),
        i % 2 ? one : two,
      ),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter((answer) => answer === 'signed')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'LANE_TAKEN LANE_TAKEN')).toHaveLength(23);
  });

  test('the same ECDSA request at both gives one signature', async () => {
    const request = evmRequest(world, { id: 'po_same' }, { nonce: 19n }, { lowestOpenNonce: 5n });
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, i) => (i % 2 ? one : two).client.signTransaction(request)),
    );
    expect(new Set(answers.map(({ signature }) => Buffer.from(signature).toString('hex'))).size).toBe(1);
  });

  test('overlapping batches in opposite order finish', async () => {
    const ids = Array.from({ length: 40 }, (_, i) => ({ id: `po_batch${i}` }));
    const batch = (payouts: typeof ids, sequence: bigint, replica: Replica) =>
      sign(stellarRequest(world, payouts, { sequence, channel: channel(2) }), replica);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        batch(i % 2 ? ids : ids.toReversed(), BigInt(102_401 + i), i % 2 ? one : two),
      ),
    );
    expect(new Set(answers)).toEqual(new Set(['signed']));
  });
});
