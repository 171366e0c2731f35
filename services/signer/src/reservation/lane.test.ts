import { expect, test } from '@jest/globals';
import { authorizationAsk, evmAsk, invocationAsk, payout, stellarAsk } from '../../testing/asks.ts';

test('a classic transaction competes in the range of its sequence number, with any number of payouts', () => {
  const lane = (sequence: bigint) => stellarAsk([payout('a')], { sequence }).lane;
  expect(lane(1n)).toEqual({ id: 'stellar:testnet:CHANNEL:0', onePayout: false, authorizationHash: null });
  expect(lane(1024n).id).toBe('stellar:testnet:CHANNEL:0');
  expect(lane(1025n).id).toBe('stellar:testnet:CHANNEL:1024');
  expect(stellarAsk([payout('a')], { source: 'OTHER' }).lane.id).toBe('stellar:testnet:OTHER:0');
});

test('an authorization and all envelopes around it compete for its nonce', () => {
  const authorization = authorizationAsk(payout('a'), { nonce: 8n });
  expect(authorization.lane).toEqual({
    id: 'stellar:testnet:TREASURY:authorization:8',
    onePayout: true,
    authorizationHash: authorization.signingHash,
  });
  for (const sequence of [1n, 2_000n]) {
    expect(invocationAsk(payout('a'), { nonce: 8n, sequence }).lane).toEqual(authorization.lane);
  }
});

test('an EVM transaction competes for the nonce of its address, whatever it pays', () => {
  const lane = { id: 'eip155:1:0xtreasury:3', onePayout: true, authorizationHash: null };
  expect(evmAsk(payout('a'), { nonce: 3n }).lane).toEqual(lane);
  expect(evmAsk(undefined, { nonce: 3n }).lane).toEqual(lane);
});
