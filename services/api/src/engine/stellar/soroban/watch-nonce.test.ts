import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deployToken, heldBy, newContract, sorobanWorld } from '../../../../testing/engine/contracts.ts';
import { type FaultProxy, startFaultProxy } from '../../../../testing/engine/fault-proxy.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';
import { useAuthorization } from '../../../../testing/engine/stranger.ts';

const XLM = 10_000_000n;
const stand = useStellarStand(sorobanWorld({ authorizationLedgers: 60n }));

describe('an engine that comes back with an envelope in flight', () => {
  let proxy: FaultProxy;

  beforeEach(async () => {
    proxy = await startFaultProxy(stand.world.rpc.url);
    await stand.restartThrough(proxy.url);
  });
  afterEach(() => proxy.close());

  /** As a node answers once the network has evicted used nonces: without an entry. */
  const evictNonces = () => {
    const change = (params: unknown) => {
      const { keys } = params as { keys: string[] };
      // A channel and a nonce are looked at together, and nothing else is by two.
      return { keys: keys.length === 2 ? keys.slice(0, 1) : keys };
    };
    proxy.fail({ kind: 'ask', change }, 'getLedgerEntries');
  };

  test('after the entry of a used nonce can be gone does not take the payout for unpaid', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.world.rpc.faults.add({ fault: { kind: 'lose' }, times: 1 });
    let id = '';
    stand.once('stellar.submit.stored', async () => {
      await useAuthorization(stand.world, stand.database, id);
      for (let ledger = 0; ledger < 200; ledger++) stand.world.close();
      evictNonces();
    });
    [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached([id], 'indeterminate', 'failed', 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
    expect(payout).toMatchObject({ status: 'indeterminate', reason_code: 'HISTORY_MISSING' });
  });
});
