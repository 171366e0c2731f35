import { expect, test } from '@jest/globals';
import { evmChainId } from '../caip.ts';
import { evmLaneId } from './lane.ts';

test('a lane is named by chain, address in lower case and nonce', () => {
  const address = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
  expect(evmLaneId(evmChainId(1n), address, 7n)).toBe('eip155:1:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed:7');
  expect(evmLaneId(evmChainId(1n), address.toLowerCase(), 7n)).toBe(evmLaneId(evmChainId(1n), address, 7n));
});
