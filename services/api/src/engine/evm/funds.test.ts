import { evmChainId, nativeAsset } from '@countersign/chains/caip';
import { describe, expect, test } from '@jest/globals';
import type { EvmContext } from './context.ts';
import { openPurse } from './funds.ts';
import type { EvmAttempt, OpenNonce } from './nonces.ts';

const chain = evmChainId(31337n);
const view = { latest: 100n, finalized: 90n, usedUp: 8n, market: { baseFee: 1n, tip: 1n } };

/** A treasury with a million wei at block 100, of which nonces below `usedUp` are spent. */
function contextAt(usedUp: bigint): EvmContext {
  const asked = (answer: bigint) => async (_address: string, block: bigint | 'latest') => {
    expect(block).toBe(100n);
    return answer;
  };
  const rpc = { transactionCount: asked(usedUp), balance: asked(1_000_000n) };
  const pool = { query: async () => ({ rows: [{ asset: nativeAsset(chain) }] }) };
  const context: unknown = { rpc, pool, chain: { chain }, treasury: { key: 'k', address: '0x0' } };
  return context as EvmContext;
}

const attempt = (changes: Partial<EvmAttempt>) => ({ state: 'signed', value: 0n, gasLimit: 21_000n, ...changes });

function open(nonce: bigint, ...attempts: ReturnType<typeof attempt>[]): OpenNonce {
  const fees = { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
  const own: unknown = { nonce, attempts: attempts.map((each) => ({ fees, ...each })) };
  return own as OpenNonce;
}

describe('openPurse', () => {
  test('keeps the money of a payout whose cancel is signed too: either may win', async () => {
    const nonce = open(8n, attempt({ purpose: 'cancel' }), attempt({ purpose: 'payout', value: 400_000n }));
    expect((await openPurse(contextAt(8n), view, [nonce], 1n)).wei).toBe(1_000_000n - 421_000n);
  });

  test('counts in flight what the block of the balance has not spent, whatever a newer look says', async () => {
    const nonces = [7n, 8n].map((nonce) => open(nonce, attempt({ value: 100_000n })));
    expect((await openPurse(contextAt(7n), view, nonces, 1n)).wei).toBe(1_000_000n - 242_000n);
    expect((await openPurse(contextAt(8n), view, nonces, 1n)).wei).toBe(1_000_000n - 121_000n);
  });

  test('keeps nothing for what the signer refused', async () => {
    const nonce = open(8n, attempt({ state: 'refused', value: 900_000n }), attempt({ value: 1n }));
    expect((await openPurse(contextAt(8n), view, [nonce], 1n)).wei).toBe(1_000_000n - 21_001n);
  });
});
