import { describe, expect, test } from '@jest/globals';
import { Asset, Operation } from '@stellar/stellar-sdk/base';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('money', () => {
  test('that a channel lacks for its fee is said; another channel is tried', async () => {
    const [account = '', elsewhere = ''] = await stand.world.newAccounts(2);
    const channels = stand.world.chain.treasuries[0]?.channels ?? [];
    const drain = (channel: string) => {
      // Its reserve, the fee of this transaction, and half of what the next one costs.
      const left = stand.world.balance(channel) - 2n * XLM - 200n;
      const amount = `${left / XLM}.${(left % XLM).toString().padStart(7, '0')}`;
      stand.world.actAsAdmin(channel, Operation.payment({ destination: elsewhere, asset: Asset.native(), amount }));
    };
    drain(channels[0] ?? '');
    await stand.world.newAccounts(1);
    await stand.database.reached(await stand.database.accept(stand.world.want(account, XLM)), 'completed');
    drain(channels[1] ?? '');
    await stand.world.newAccounts(1);
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.showing(ids, 'CHANNEL_UNDERFUNDED');
    stand.world.payFromRoot(channels[1] ?? '');
    await stand.database.reached(ids, 'completed');
  });

  test('no payout that cannot be built keeps the others from being paid', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const ids = await stand.database.accept(
      stand.world.want(account, XLM, { type: 'text', value: 'x'.repeat(29) }),
      stand.world.want(account, XLM),
    );
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.map(({ reason_code }) => reason_code)).toEqual(['INVALID_MEMO', null]);
  });
});
