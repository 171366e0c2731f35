import type { ChainId } from '@countersign/chains/caip';
import type { StellarTransaction } from '@countersign/chains/stellar/decode';
import { expect, test } from '@jest/globals';
import type { EvmProposal } from '../signing/proposal.ts';
import { feeSlotOf } from './fee-slot.ts';

const evm = (change: Partial<EvmProposal['transaction']>) => {
  const terms = { kind: 'evm', chain: 'eip155:1' as ChainId, nonce: 7n, gasLimit: 21_000n, maxFeePerGas: 3n } as const;
  return feeSlotOf({ transaction: { ...terms, ...change } as EvmProposal['transaction'] });
};
const stellar = (change: Partial<StellarTransaction>) => {
  const terms = {
    kind: 'stellar',
    chain: 'stellar:testnet' as ChainId,
    source: 'G1',
    sequence: 7n,
    fee: 100n,
  } as const;
  return feeSlotOf({ transaction: { ...terms, ...change } as StellarTransaction });
};

test('a replacement takes the slot of what it replaces, whatever it offers', () => {
  expect(evm({ maxFeePerGas: 9n })).toEqual({ slot: evm({})?.slot, most: 189_000n });
  expect(stellar({ fee: 900n })).toEqual({ slot: stellar({})?.slot, most: 900n });
});

test('another number, source or chain is another slot', () => {
  const slots = [
    evm({}),
    evm({ nonce: 8n }),
    evm({ chain: 'eip155:10' as ChainId }),
    stellar({}),
    stellar({ sequence: 8n }),
    stellar({ source: 'G2' }),
    stellar({ chain: 'stellar:pubnet' as ChainId }),
  ].map((fee) => fee?.slot);
  expect(new Set(slots).size).toBe(slots.length);
});
