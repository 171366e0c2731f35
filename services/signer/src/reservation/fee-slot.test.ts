import type { ChainId } from '@countersign/chains/caip';
import { expect, test } from '@jest/globals';
import { authorizationAsk, evmAsk, invocationAsk, payout, stellarAsk } from '../../testing/asks.ts';
import type { Proposal } from '../signing/proposal.ts';
import { feeSlotOf } from './fee-slot.ts';

/** The same on another chain. */
function elsewhere({ transaction }: Proposal): Pick<Proposal, 'transaction'> {
  const chain = 'elsewhere:1' as ChainId;
  return transaction.kind === 'evm'
    ? { transaction: { ...transaction, chain } }
    : { transaction: { ...transaction, chain } };
}

test('a classic transaction can take its whole fee, once for the sequence number of its channel', () => {
  const { proposal } = stellarAsk([payout('a')], { source: 'CHANNEL', sequence: 12n, fee: 300n });
  expect(feeSlotOf(proposal)).toEqual({ slot: 'stellar:testnet:CHANNEL:12', most: 300n });
});

test('an invocation takes the same slot as a classic transaction of that number', () => {
  const { proposal } = invocationAsk(payout('a'), { sequence: 12n, fee: 4_000n });
  expect(feeSlotOf(proposal)).toEqual({ slot: 'stellar:testnet:CHANNEL:12', most: 4_000n });
});

test('an authorization takes none: the envelope around it pays', () => {
  expect(feeSlotOf(authorizationAsk(payout('a')).proposal)).toBeUndefined();
});

test('an EVM transaction can take all its gas at its cap, once for its nonce', () => {
  const { proposal } = evmAsk(payout('a'), { nonce: 3n, gasLimit: 21_000n, maxFeePerGas: 7n });
  expect(feeSlotOf(proposal)).toEqual({ slot: 'eip155:1:nonce:3', most: 147_000n });
});

test('a replacement takes the slot of what it replaces, whatever it offers', () => {
  const evm = (maxFeePerGas: bigint) => feeSlotOf(evmAsk(payout('a'), { maxFeePerGas }).proposal)?.slot;
  const stellar = (fee: bigint) => feeSlotOf(stellarAsk([payout('a')], { fee }).proposal)?.slot;
  expect(evm(9n)).toBe(evm(3n));
  expect(stellar(900n)).toBe(stellar(100n));
});

test('another number, source or chain is another slot', () => {
  const evm = (nonce: bigint) => evmAsk(payout('a'), { nonce }).proposal;
  const stellar = (sequence: bigint, source: string) => stellarAsk([payout('a')], { sequence, source }).proposal;
  const proposals = [evm(7n), evm(8n), stellar(7n, 'G1'), stellar(8n, 'G1'), stellar(7n, 'G2')];
  const slots = [...proposals, ...proposals.map(elsewhere)].map((proposal) => feeSlotOf(proposal)?.slot);
  expect(new Set(slots).size).toBe(2 * proposals.length);
});
