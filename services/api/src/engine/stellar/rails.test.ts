import { describe, expect, test } from '@jest/globals';
import { deployToken, newContract, sorobanWorld } from '../../../testing/engine/contracts.ts';
import { issueAsset } from '../../../testing/engine/issued-asset.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const EACH = 5;
const stand = useStellarStand({ ...sorobanWorld(), channels: 1 });

describe('batches and contract calls on one channel', () => {
  test('take turns, whichever came first', async () => {
    deployToken(stand.world);
    const [account = ''] = await stand.world.newAccounts(1);
    const calls = Array.from({ length: EACH }, () => stand.world.want(newContract(), XLM));
    // Each with a memo of its own, and so each a batch of its own.
    const batches = Array.from({ length: EACH }, (_, i) =>
      stand.world.want(account, XLM, { type: 'id', value: `${i}` }),
    );
    const ids = await stand.database.accept(...calls, ...batches);
    await stand.database.reached(ids, 'completed');
    const { rows } = await stand.database.pool.query<{ rail: string }>(
      `select case when p.destination like 'C%' then 'call' else 'batch' end as rail from payout_events e
       join payouts p on p.id = e.payout_id where e.to_status = 'completed' order by e.sequence`,
    );
    expect(rows.map(({ rail }) => rail)).toEqual(Array.from({ length: EACH }, () => ['call', 'batch']).flat());
  });

  test('go on beside contract calls that the treasury cannot pay, of that asset and of another', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    deployToken(stand.world);
    deployToken(stand.world, usdc.asset);
    const [account = ''] = await stand.world.newAccounts(1);
    await usdc.allow(stand.world.keys.stellar.address, 'maintain-liabilities');
    const paused = Array.from({ length: 8 }, () => usdc.want(newContract(), XLM));
    const ids = await stand.database.accept(
      ...paused,
      stand.world.want(newContract(), XLM),
      stand.world.want(account, XLM),
    );
    await stand.database.reached(ids.slice(paused.length), 'completed');
    await stand.database.showing(ids.slice(0, paused.length), 'TREASURY_NOT_AUTHORIZED');
    const waiting = await stand.database.payouts(ids.slice(0, paused.length));
    expect(new Set(waiting.map(({ status }) => status))).toEqual(new Set(['created']));
  });
});
