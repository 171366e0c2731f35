import type { KeyPolicy } from '@countersign/policy/schema';
import { expect, test } from '@jest/globals';
import { ETH, XLM } from '../../testing/asks.ts';
import { evmPolicy, stellarPolicy } from '../../testing/policies.ts';
import { windowsOf } from './policy-windows.ts';

test('a policy has the windows of each asset and of the fees of each key', () => {
  const windows = [
    { seconds: 60, maxAmount: 1n },
    { seconds: 3_600, maxCount: 1n },
  ];
  const feeWindows = [{ seconds: 60, maxAmount: 1n }];
  const keys = new Map<string, KeyPolicy>([
    ['a', stellarPolicy({ windows })],
    ['b', evmPolicy({ windows: [], feeWindows })],
    ['c', evmPolicy({ windows: windows.slice(1) })],
  ]);
  expect(windowsOf({ version: 1, environment: 'test', keys })).toEqual([
    { keyId: 'a', measure: XLM, seconds: 60 },
    { keyId: 'a', measure: XLM, seconds: 3_600 },
    { keyId: 'b', measure: 'fee', seconds: 60 },
    { keyId: 'c', measure: ETH, seconds: 3_600 },
  ]);
});
