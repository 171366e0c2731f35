import { expect, test } from '@jest/globals';
import { nativeAsset } from '../caip.ts';
import { stellarChainId } from '../chain.ts';
import { closesLane } from './closes-lane.ts';
import type { StellarOperation } from './decode.ts';

const XLM = nativeAsset(stellarChainId('Test SDF Network ; September 2015'));
const payment: StellarOperation = { type: 'payment', source: 'TREASURY', destination: 'ANN', asset: XLM, amount: 1n };
const bump = (bumpTo: bigint, source?: string): StellarOperation => ({
  type: 'bumpSequence',
  bumpTo,
  ...(source === undefined ? {} : { source }),
});

test.each<[closes: boolean, what: string, operations: readonly StellarOperation[]]>([
  [true, 'the channel is moved to the end of the lane', [payment, bump(1024n)]],
  [true, 'nothing else is done', [bump(1024n)]],
  [true, 'the operation names the channel', [payment, bump(1024n, 'CHANNEL')]],
  [false, 'another account is moved', [payment, bump(1024n, 'TREASURY')]],
  [false, 'it stops short', [payment, bump(1023n)]],
  [false, 'it goes on into the next lane', [payment, bump(2048n)]],
  [false, 'another operation is the last', [bump(1024n), payment]],
  [false, 'there is a payment alone', [payment]],
  [false, 'there is nothing', []],
])('%s where %s', (closes, _, operations) => {
  expect(closesLane({ operations, source: 'CHANNEL', sequence: 7n })).toBe(closes);
});

test('the lane is the one that the number lies in', () => {
  const operations = [payment, bump(2048n)];
  expect([1024n, 1025n, 2048n, 2049n].map((sequence) => closesLane({ operations, source: 'C', sequence }))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
