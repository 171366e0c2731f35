import { nativeAsset, stellarChainId } from '@countersign/chains/caip';
import type { Reason } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import type { Payout } from '../payouts.ts';
import { splitLimit } from './expire.ts';
import { inclusionBid } from './fee.ts';
import { guiltyPayouts } from './guilty.ts';
import { judgeRefusal } from './refusal.ts';
import type { Blame } from './result.ts';

const chain = stellarChainId('Test SDF Network ; September 2015');
const [A, B] = [Keypair.random().publicKey(), Keypair.random().publicKey()];
const payout = (id: string, destination = A): Payout => ({
  id,
  chain,
  asset: nativeAsset(chain),
  amount: 1n,
  decimals: 7,
  destination,
  memo: undefined,
  keyId: 'k',
  status: 'confirming',
  requestId: 'r',
});

describe('guiltyPayouts', () => {
  const fault = (index: number, code: string, blame: Blame) => ({ index, code, blame });
  const judge = (faults: ReturnType<typeof fault>[], creations: number[] = [], failedBefore = () => false) =>
    guiltyPayouts({
      payouts: [payout('0'), payout('1'), payout('2', B)],
      faults,
      creations: new Set(creations),
      failedBefore,
    }).map(({ payout: { id }, reason }) => [id, reason.code]);

  test('are those that cannot be paid as they are', () => {
    const faults = [fault(0, 'PAYMENT_LINE_FULL', 'payout'), fault(2, 'PAYMENT_NO_DESTINATION', 'payout')];
    expect(judge(faults)).toEqual([
      ['0', 'PAYMENT_LINE_FULL'],
      ['2', 'PAYMENT_NO_DESTINATION'],
    ]);
  });

  test('are not those that met an empty treasury or a broken setup, nor the closing operation', () => {
    expect(
      judge([fault(0, 'PAYMENT_UNDERFUNDED', 'treasury'), fault(1, 'OP_BAD_AUTH', 'setup'), fault(3, 'X', 'payout')]),
    ).toEqual([]);
  });

  test('are not those whose account should have been created before them', () => {
    const faults = [
      fault(0, 'CREATE_ACCOUNT_LOW_RESERVE', 'payout'),
      fault(1, 'PAYMENT_NO_DESTINATION', 'payout'),
      fault(2, 'PAYMENT_NO_DESTINATION', 'payout'),
    ];
    expect(judge(faults, [0])).toEqual([
      ['0', 'CREATE_ACCOUNT_LOW_RESERVE'],
      ['2', 'PAYMENT_NO_DESTINATION'],
    ]);
  });

  test('get one more chance when somebody else created their account, and no third', () => {
    const faults = [fault(0, 'CREATE_ACCOUNT_ALREADY_EXIST', 'passing')];
    expect(judge(faults, [0])).toEqual([]);
    expect(judge(faults, [0], () => true)).toEqual([['0', 'CREATE_ACCOUNT_ALREADY_EXIST']]);
  });
});

describe('judgeRefusal', () => {
  const payouts = ['po_1', 'po_12', 'po_3', 'po_4', 'po_5'].map((id) => payout(id));
  const judge = (reasons: Reason[], of = payouts) => {
    const reason = { code: 'POLICY_DENIED', detail: 'no' };
    const { guilty, tryNext } = judgeRefusal(of, { kind: 'denied', reason, reasons });
    return { guilty: guilty.map(({ payout: { id } }) => id), tryNext };
  };

  test('finds who is named by place', () => {
    const reasons = [
      { code: 'AMOUNT_ABOVE_LIMIT', message: 'payouts[1].amount: expected at most 1, got 2' },
      { code: 'CREATE_ACCOUNT_NOT_ALLOWED', message: 'operations[4]: this key may not create accounts' },
      { code: 'FEE_ABOVE_LIMIT', message: 'fee: expected at most 1 stroops, got 2' },
    ];
    expect(judge(reasons)).toEqual({ guilty: ['po_12', 'po_5'], tryNext: undefined });
  });

  test('finds who is named by id, and not one whose id only begins so', () => {
    expect(judge([{ code: 'OTHER_LANE', message: 'payout po_12: bound to lane a:b:0' }]).guilty).toEqual(['po_12']);
    expect(judge([{ code: 'OTHER_LANE', message: 'payout po_1: bound to lane a:b:0' }]).guilty).toEqual(['po_1']);
  });

  test('ends all for a reason that all share', () => {
    expect(judge([{ code: 'NETWORK_NOT_ALLOWED', message: 'network: x' }]).guilty).toHaveLength(5);
  });

  test('halves what names nobody, down to one', () => {
    expect(judge([{ code: 'FEE_ABOVE_LIMIT', message: 'fee: x' }])).toEqual({ guilty: [], tryNext: 3 });
    expect(judge([], payouts.slice(0, 2))).toEqual({ guilty: [], tryNext: 1 });
    expect(judge([], payouts.slice(0, 1))).toEqual({ guilty: ['po_1'], tryNext: undefined });
  });

  test('always ends somebody or makes the batch smaller', () => {
    const anyReason = fc.record({ code: fc.string(), message: fc.string() });
    fc.assert(
      fc.property(fc.array(anyReason), fc.integer({ min: 1, max: 5 }), (reasons, size) => {
        const { guilty, tryNext } = judge(reasons, payouts.slice(0, size));
        expect(guilty.length > 0 || (tryNext !== undefined && tryNext < size)).toBe(true);
      }),
    );
  });
});

describe('splitLimit', () => {
  const had = { accepted: true };
  const never = { accepted: false };
  test('halves after the network has left the batch out twice, and not for an outage', () => {
    expect(splitLimit(99, [had, had])).toBe(50);
    expect(splitLimit(99, [had])).toBeUndefined();
    expect(splitLimit(99, [never, never, never, had])).toBeUndefined();
    expect(splitLimit(1, [had, had])).toBeUndefined();
  });
});

describe('inclusionBid', () => {
  const bounds = { inclusionFee: 100n, maxInclusionFee: 10_000n };
  test('follows the network within the bounds, and goes to the highest after an expiry', () => {
    expect(inclusionBid(bounds, 1n, false)).toBe(100n);
    expect(inclusionBid(bounds, 700n, false)).toBe(700n);
    expect(inclusionBid(bounds, 99_999n, false)).toBe(10_000n);
    expect(inclusionBid(bounds, 1n, true)).toBe(10_000n);
  });
});
