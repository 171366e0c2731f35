import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refusedWith } from '../../testing/refused.ts';
import { stellarChainId } from '../caip.ts';
import { authorizationLaneId, authorizationNonce, LANE_WIDTH, laneOf, stellarLaneId } from './lane.ts';

// The last multiple of 1,024 in an int64.
const LAST_SEQUENCE = 2n ** 63n - 1024n;
const sequence = fc.bigInt({ min: 1n, max: LAST_SEQUENCE });

describe('lanes', () => {
  test('hold LANE_WIDTH numbers each, and every number lies in exactly one', () => {
    fc.assert(
      fc.property(sequence, (n) => {
        const { start, end } = laneOf(n);
        expect([start % LANE_WIDTH, end - start, start < n, n <= end]).toEqual([0n, LANE_WIDTH, true, true]);
        expect(laneOf(start + 1n)).toEqual({ start, end });
        expect(laneOf(end)).toEqual({ start, end });
        if (end < LAST_SEQUENCE) expect(laneOf(end + 1n)).toEqual({ start: end, end: end + LANE_WIDTH });
      }),
    );
  });

  test('end within int64', () => {
    expect(laneOf(LAST_SEQUENCE).end).toBe(LAST_SEQUENCE);
    expect(LAST_SEQUENCE + LANE_WIDTH > 2n ** 63n - 1n).toBe(true);
  });

  test.each([[0n], [-1n], [LAST_SEQUENCE + 1n], [2n ** 64n], [5 as never]])('do not hold %s', (n) => {
    expect(refusedWith(() => laneOf(n))).toEqual({ code: 'INVALID_SEQUENCE', field: 'sequence' });
  });

  test('are named by network, channel and start', () => {
    const chain = stellarChainId('Standalone Network ; February 2017');
    const channel = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
    expect(stellarLaneId(chain, channel, laneOf(1025n))).toBe(`stellar:standalone:${channel}:1024`);
  });
});

describe('the lane of an authorization', () => {
  test('has the nonce that is the head of a digest, two’s complement', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 64 }), (id) => {
        const digest = createHash('sha256')
          .update('countersign/soroban-nonce/v1')
          .update(Buffer.from([0]))
          .update(id);
        expect(authorizationNonce(id)).toBe(digest.digest().readBigInt64BE(0));
      }),
    );
  });

  test.each([
    ['po_1', 7_151_746_081_767_210_660n],
    ['po_2', 5_982_351_617_754_893_687n],
  ])('of %s never changes: the ledger would take a second one', (id, nonce) => {
    expect(authorizationNonce(id)).toBe(nonce);
  });

  test('is named by network, account and nonce', () => {
    expect(authorizationLaneId(stellarChainId('Test SDF Network ; September 2015'), 'GABC', -7n)).toBe(
      'stellar:testnet:GABC:authorization:-7',
    );
  });
});
