import { anEvent } from '@countersign/audit/testing/an-event';
import { CountersignError } from '@countersign/contract/errors';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  authorizationAsk,
  ETH,
  EVM_KEY,
  evmAsk,
  invocationAsk,
  payout,
  STELLAR_KEY,
  stellarAsk,
  XLM,
} from '../../testing/asks.ts';
import { openStores, reserveIn, type Stores, waits } from '../../testing/stores.ts';
import type { Ask } from '../reservation/ask.ts';
import { recordingOf } from '../signing/record.ts';
import type { Recorded } from '../signing/recorded.ts';

const HOUR = 3_600;
const SECOND = 1_000_000n;

let stores: Stores;

beforeAll(async () => {
  stores = await openStores();
});
afterEach(async () => {
  await stores.forget();
});
afterAll(async () => {
  await stores[Symbol.asyncDispose]();
});

const here = (ask: Ask) => reserveIn(stores.pair[0], ask);
const there = (ask: Ask) => reserveIn(stores.pair[1], ask);

const ether = (id: string, amount = 10n) => payout(id, { asset: ETH, amount });

async function rows<Row>(sql: string): Promise<Row[]> {
  return (await stores.database.pool.query(sql)).rows as Row[];
}

describe('what one replica has reserved, the other one finds', () => {
  test.each<[code: string, first: Ask, then: Ask]>([
    ['reserved', stellarAsk([payout('a')]), stellarAsk([payout('a')], { sequence: 2n })],
    ['PAYOUT_BOUND OTHER_LANE', stellarAsk([payout('a')]), stellarAsk([payout('a')], { sequence: 1025n })],
    ['PAYOUT_BOUND OTHER_TERMS', stellarAsk([payout('a')]), stellarAsk([payout('a', { amount: 11n })])],
    [
      'PAYOUT_BOUND OTHER_TERMS',
      stellarAsk([payout('a', { memo: { type: 'text', value: 'x' } })]),
      stellarAsk([payout('a')], { sequence: 2n }),
    ],
    ['PAYOUT_BOUND OTHER_TERMS', stellarAsk([payout('a')]), stellarAsk([payout('a')], { keyId: 'other' })],
    [
      'PAYOUT_BOUND TRANSACTION_DECLARED_OTHERWISE',
      stellarAsk([payout('b'), payout('a')]),
      stellarAsk([payout('a'), payout('c')]),
    ],
    ['PAYOUT_BOUND OTHER_KEY', stellarAsk([payout('a')]), stellarAsk([payout('a')], { publicKey: 2 })],
    ['REQUEST_ID_REUSED', stellarAsk([payout('a')], { requestId: 'r' }), stellarAsk([payout('b')], { requestId: 'r' })],
    [
      'reserved',
      stellarAsk([payout('a')], { requestId: 'r' }),
      stellarAsk([payout('b', { amount: 11n })], { requestId: 'r', caller: 'spiffe://countersign.test/other' }),
    ],
    ['LANE_TAKEN LANE_TAKEN', evmAsk(ether('a')), evmAsk(ether('b', 11n))],
    ['reserved', evmAsk(ether('a')), evmAsk(undefined)],
    ['NONCE_OUT_OF_WINDOW NONCE_GAP', evmAsk(ether('a')), evmAsk(ether('b'), { nonce: 2n })],
    [
      'NONCE_OUT_OF_WINDOW NONCE_TOO_FAR_AHEAD',
      evmAsk(ether('a'), { lowestOpen: 5n, nonce: 5n }),
      evmAsk(ether('b'), { nonce: 6n, maxNoncesAhead: 1n }),
    ],
    ['PAYOUT_BOUND OTHER_AUTHORIZATION', authorizationAsk(payout('a')), authorizationAsk(payout('a'), { salt: 'x' })],
    ['reserved', authorizationAsk(payout('a')), invocationAsk(payout('a'))],
    [
      'POLICY_SUPERSEDED POLICY_SUPERSEDED',
      stellarAsk([payout('a')]),
      stellarAsk([payout('b')], { policyVersion: 2n }),
    ],
  ])('%s', async (code, first, then) => {
    expect([await here(first), await there(then)]).toEqual(['reserved', code]);
  });

  test('envelopes around one authorization', async () => {
    expect(await here(authorizationAsk(payout('a')))).toBe('reserved');
    for (let sequence = 1n; sequence <= 32n; sequence++) {
      expect(await (sequence % 2n ? here : there)(invocationAsk(payout('a'), { sequence }))).toBe('reserved');
    }
    expect(await there(invocationAsk(payout('a'), { sequence: 33n }))).toBe('LANE_EXHAUSTED LANE_EXHAUSTED');
    expect(await here(invocationAsk(payout('a'), { sequence: 7n }))).toBe('reserved');
  });

  test('a signature, once it is recorded', async () => {
    const ask = evmAsk(ether('a'));
    const signed: Recorded = {
      signature: new Uint8Array(65).fill(1),
      signedTransaction: new Uint8Array([2]),
      transactionHash: new Uint8Array(32).fill(3),
      custodyPath: 'legacy',
    };
    const [one, two] = stores.pair;
    await one.reserve(ask, () => anEvent(), waits);
    await one.record(recordingOf(ask.proposal, signed), () => anEvent());
    const found = await two.reserve(evmAsk(ether('a')), () => anEvent(), waits);
    expect(found).toMatchObject({ custodyPath: 'legacy' });
    expect([...(found?.signature ?? [])]).toEqual([...signed.signature]);
    // The first one recorded is what everybody answers with.
    const other = { ...signed, signature: new Uint8Array(65).fill(9) };
    const recorded = await two.record(recordingOf(ask.proposal, other), () => anEvent());
    expect([...recorded.signature]).toEqual([...signed.signature]);
  });
});

describe('requests that come at once', () => {
  test('take from a window what is in it, and no more, whichever replica they come to', async () => {
    const limits = { windows: [{ seconds: HOUR, maxAmount: 100n }] };
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        (i % 2 ? here : there)(stellarAsk([payout(`po_${i}`)], { ...limits, sequence: BigInt(i + 1) })),
      ),
    );
    expect(answers.filter((answer) => answer === 'reserved')).toHaveLength(10);
    expect(answers.filter((answer) => answer === 'LIMIT_REACHED AMOUNT_WINDOW_REACHED')).toHaveLength(50);
    expect(await rows(`select amount::text, count from spend_counters where measure = '${XLM}'`)).toEqual([
      { amount: '100', count: 10n },
    ]);
  });

  test('for one payout by two keys, in two lanes: one of them gets it', async () => {
    const asks = Array.from({ length: 20 }, (_, i) =>
      stellarAsk([payout('a')], { keyId: i % 2 ? STELLAR_KEY : 'other', sequence: BigInt(i * 1024 + 1) }),
    );
    const answers = await Promise.all(asks.map((ask, i) => (i % 2 ? here : there)(ask)));
    expect(answers.filter((answer) => answer === 'reserved')).toHaveLength(1);
    expect(new Set(answers.filter((answer) => answer !== 'reserved'))).toEqual(new Set(['PAYOUT_BOUND OTHER_LANE']));
  });

  test('under one request id, by two keys: it stands for one of them', async () => {
    const asks = Array.from({ length: 20 }, (_, i) =>
      stellarAsk([payout(`po_${i}`)], { requestId: 'r', keyId: i % 2 ? STELLAR_KEY : 'other' }),
    );
    const answers = await Promise.all(asks.map((ask, i) => (i % 2 ? here : there)(ask)));
    expect(answers.filter((answer) => answer === 'reserved')).toHaveLength(1);
    expect(new Set(answers.filter((answer) => answer !== 'reserved'))).toEqual(new Set(['REQUEST_ID_REUSED']));
  });

  test('are refused each for itself: what is beside a refusal is reserved', async () => {
    await here(stellarAsk([payout('bound')], { source: 'ELSEWHERE' }));
    const answers = await Promise.all(
      ['a', 'bound', 'b', 'bound', 'c'].map((id, i) => here(stellarAsk([payout(id)], { sequence: BigInt(i + 1) }))),
    );
    const refused = 'PAYOUT_BOUND OTHER_LANE';
    expect(answers).toEqual(['reserved', refused, 'reserved', refused, 'reserved']);
    expect(await rows('select payout_id as id from payouts order by id')).toEqual(
      ['a', 'b', 'bound', 'c'].map((id) => ({ id })),
    );
  });

  test('do not fall with one that the database cannot take: it fails alone', async () => {
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((id, i) =>
        here(stellarAsk([payout(id)], { keyId: i === 1 ? 'nobody' : STELLAR_KEY, sequence: BigInt(i + 1) })),
      ),
    );
    expect(answers).toEqual(['reserved', 'INTERNAL', 'reserved']);
  });
});

test('a request whose caller is gone when its turn comes reserves nothing; those beside it do', async () => {
  const gone = () => {
    throw new CountersignError('DEADLINE', 'nobody waits');
  };
  const [one] = stores.pair;
  const answers = await Promise.all([
    reserveIn(one, stellarAsk([payout('a')])),
    reserveIn(one, stellarAsk([payout('b')], { sequence: 2n }), gone),
    reserveIn(one, stellarAsk([payout('c')], { sequence: 3n })),
  ]);
  expect(answers).toEqual(['reserved', 'DEADLINE', 'reserved']);
  expect(await there(stellarAsk([payout('b')], { source: 'ELSEWHERE' }))).toBe('reserved');
});

describe('an event', () => {
  test('is there exactly when what it tells of is', async () => {
    const events = async () => (await rows<{ count: bigint }>('select count(*) from audit_events'))[0]?.count ?? 0n;
    const before = await events();
    await here(stellarAsk([payout('a')]));
    expect(await events()).toBe(before + 1n);
    await here(stellarAsk([payout('a', { amount: 11n })]));
    expect(await events()).toBe(before + 1n);
  });
});

describe('windows', () => {
  const limits = { windows: [{ seconds: HOUR, maxAmount: 20n }] };
  const ask = (id: string, sequence: bigint) => stellarAsk([payout(id)], { ...limits, sequence });

  test('are full to the microsecond, and free again when the first charge is exactly as old as they are long', async () => {
    expect([await here(ask('a', 1n)), await there(ask('b', 2n)), await here(ask('c', 3n))]).toEqual([
      'reserved',
      'reserved',
      'LIMIT_REACHED AMOUNT_WINDOW_REACHED',
    ]);
    await stores.pass(BigInt(HOUR) * SECOND);
    expect([await here(ask('c', 3n)), await there(ask('d', 4n)), await here(ask('e', 5n))]).toEqual([
      'reserved',
      'reserved',
      'LIMIT_REACHED AMOUNT_WINDOW_REACHED',
    ]);
  });

  test('that a policy adds count what was charged before', async () => {
    await here(stellarAsk([payout('a', { amount: 15n })]));
    expect(await there(ask('b', 2n))).toBe('LIMIT_REACHED AMOUNT_WINDOW_REACHED');
  });

  test('are not widened by a clock that goes back: time is never before what a sum was swept by', async () => {
    await here(ask('a', 1n));
    await stores.pass(-BigInt(HOUR) * SECOND);
    await there(ask('b', 2n));
    const [ahead] = await rows<{ ahead: boolean }>(
      `select bool_and(charged_at > now() + interval '59 minutes') as ahead from charges`,
    );
    expect(ahead).toEqual({ ahead: true });
    expect(await here(ask('c', 3n))).toBe('LIMIT_REACHED AMOUNT_WINDOW_REACHED');
  });

  test('hold the largest amounts', async () => {
    const most = 10n ** 78n - 1n;
    const windows = [{ seconds: HOUR, maxAmount: 3n * most }];
    for (const [i, id] of ['a', 'b', 'c'].entries()) {
      expect(await here(stellarAsk([payout(id, { amount: most })], { windows, sequence: BigInt(i + 1) }))).toBe(
        'reserved',
      );
    }
    expect(await there(stellarAsk([payout('d', { amount: 1n })], { windows, sequence: 9n }))).toBe(
      'LIMIT_REACHED AMOUNT_WINDOW_REACHED',
    );
  });

  test('of EVM fees count each nonce once, at its highest', async () => {
    const feeWindows = [{ seconds: HOUR, maxAmount: 100n }];
    const fee = (maxFeePerGas: bigint, nonce = 0n) =>
      evmAsk(ether('a'), { nonce, gasLimit: 1n, maxFeePerGas, feeWindows });
    expect([await here(fee(60n)), await there(fee(100n)), await here(fee(101n))]).toEqual([
      'reserved',
      'reserved',
      'LIMIT_REACHED FEE_BUDGET_REACHED',
    ]);
    expect(await rows(`select amount::text, count from spend_counters where key_id = '${EVM_KEY}'`)).toEqual([
      { amount: '100', count: 1n },
    ]);
  });
});

test('a frozen key reserves nothing in either replica, the others go on', async () => {
  const { pool } = stores.database;
  await pool.query(`update keys set frozen_at = now(), frozen_reason = 'lost' where key_id = $1`, [EVM_KEY]);
  expect([await here(evmAsk(ether('a'))), await there(evmAsk(ether('a')))]).toEqual(
    Array(2).fill('KEY_FROZEN KEY_FROZEN'),
  );
  expect(await here(stellarAsk([payout('b')]))).toBe('reserved');
  await pool.query('update keys set frozen_at = null, frozen_reason = null');
  expect(await there(evmAsk(ether('a')))).toBe('reserved');
});
