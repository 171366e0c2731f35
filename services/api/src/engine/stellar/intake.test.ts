import { describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('what cannot go now hides nothing that can', () => {
  const tooMuch = () => stand.world.balance(stand.world.keys.stellar.address);

  test('when a dozen memos of payouts that the treasury cannot afford come first', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const large = Array.from({ length: 12 }, (_, i) =>
      stand.world.want(account, tooMuch(), { type: 'id', value: `${i + 1}` }),
    );
    const ids = await stand.database.accept(...large, stand.world.want(account, XLM));
    await stand.database.reached(ids.slice(-1), 'completed');
    const waiting = await stand.database.payouts(ids.slice(0, -1));
    expect(new Set(waiting.map(({ status }) => status))).toEqual(new Set(['created']));
    await stand.database.showing(ids.slice(0, 10), 'TREASURY_UNDERFUNDED');
  });

  test('when a batch of payouts that the treasury cannot afford comes first', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const large = Array.from({ length: 99 }, () => stand.world.want(account, tooMuch()));
    const ids = await stand.database.accept(...large, stand.world.want(account, XLM));
    await stand.database.reached(ids.slice(-1), 'completed');
  });

  test('when a batch of payouts that wait for an account comes first; they have their turn again', async () => {
    const [existing = ''] = await stand.world.newAccounts(1);
    const account = Keypair.random().publicKey();
    stand.world.rpc.faults.add({ fault: { kind: 'hold', ledgers: 60 }, times: 1 });
    const [creation = ''] = await stand.database.accept(stand.world.want(account, 5n * XLM));
    await stand.database.reached([creation], 'confirming');
    const waiting = Array.from({ length: 99 }, () => stand.world.want(account, 1n));
    const ids = await stand.database.accept(...waiting, stand.world.want(existing, XLM));
    await stand.database.reached(ids.slice(-1), 'completed');
    await stand.database.reached([creation, ...ids], 'completed');
    expect(stand.world.balance(account)).toBe(5n * XLM + 99n);
  });
});
