import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { refusedWith } from '../../testing/refused.ts';
import { stellarChainId } from '../caip.ts';
import { LANE_WIDTH, laneOf, stellarLaneId } from './lane.ts';

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
