import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { Keypair, Operation } from '@stellar/stellar-sdk/base';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('what should be impossible', () => {
  test('a payout that the signer knows on another lane is set aside; the others are paid', async () => {
    const accounts = await stand.world.newAccounts(3);
    stand.signer.interfere({
      kind: 'refuse',
      error: ({ payouts }) =>
        new CountersignError('PAYOUT_BOUND', 'bound', {
          reasons: [{ code: 'OTHER_LANE', message: `payout ${payouts[1]?.payoutId}: bound to lane x, got y` }],
        }),
    });
    const ids = await stand.database.accept(...accounts.map((account) => stand.world.want(account, XLM)));
    const payouts = await stand.database.reached(ids, 'completed', 'indeterminate');
    expect(payouts.map(({ status }) => status)).toEqual(['completed', 'indeterminate', 'completed']);
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'PAYOUT_BOUND' })).toBe(1);
  });

  test('an answer that is not our transaction is never sent; its payouts end once that is proven', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.signer.interfere({
      kind: 'answer',
      change: (response) => ({ ...response, signedTransaction: response.signedTransaction.with(60, 1) }),
    });
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.reached(ids, 'indeterminate');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'SIGNED_OTHERWISE' })).toBe(1);
    stand.world.close(300);
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('SIGNED_OTHERWISE');
    expect(stand.world.balance(account)).toBe(10n * XLM);
    // The other channel still works.
    await stand.database.reached(await stand.database.accept(stand.world.want(account, XLM)), 'completed');
  });

  test('a request that the signer cannot make sense of is for a person; its payouts end once proven unpaid', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.signer.interfere({
      kind: 'refuse',
      error: () => new CountersignError('TRANSACTION_MISMATCH', 'not what was declared'),
    });
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.reached(ids, 'indeterminate');
    stand.world.close(300);
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('TRANSACTION_MISMATCH');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'TRANSACTION_MISMATCH' })).toBe(1);
  });

  test('a channel that somebody else uses is quarantined, and its payouts set aside', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    let channel = '';
    stand.once('stellar.submit.stored', async () => {
      channel = (await attemptsOf(stand.database, ids))[0]?.channel ?? '';
      stand.world.rpc.faults.clear();
      stand.world.actAsAdmin(channel, Operation.bumpSequence({ bumpTo: '0' }));
    });
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    const [payout] = await stand.database.reached(ids, 'indeterminate');
    expect(payout?.reason_code).toBe('CHANNEL_FOREIGN_USE');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'CHANNEL_FOREIGN_USE' })).toBe(1);
    const { rows } = await stand.database.pool.query('select state from stellar_channels where address = $1', [
      channel,
    ]);
    expect(rows).toEqual([{ state: 'quarantined' }]);
  });

  test('a channel that somebody else uses between two attempts is quarantined too', async () => {
    const created = Keypair.random().publicKey();
    stand.once('stellar.signed.stored', async () => {
      await stand.world.rpc.fund([{ address: created, balance: '1' }]);
      stand.once('stellar.result.stored', async () => {
        const [attempt] = await attemptsOf(stand.database, ids);
        stand.world.actAsAdmin(attempt?.channel ?? '', Operation.bumpSequence({ bumpTo: '0' }));
        stand.world.close();
      });
    });
    const ids = await stand.database.accept(stand.world.want(created, 2n * XLM));
    const [payout] = await stand.database.reached(ids, 'indeterminate');
    expect(payout?.reason_code).toBe('CHANNEL_FOREIGN_USE');
  });

  test('a number that nobody can explain because the node has forgotten sets its payouts aside', async () => {
    await stand.beginAgain({ retentionLedgers: 5 });
    const [account = ''] = await stand.world.newAccounts(1);
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    stand.once('stellar.submit.stored', async () => {
      stand.world.rpc.faults.clear();
      const [attempt] = await attemptsOf(stand.database, ids);
      stand.world.actAsAdmin(attempt?.channel ?? '', Operation.bumpSequence({ bumpTo: '0' }));
      for (let i = 0; i < 10; i++) stand.world.close();
    });
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    const [payout] = await stand.database.reached(ids, 'indeterminate');
    expect(payout?.reason_code).toBe('HISTORY_MISSING');
  });

  test('a channel that was used while it was free is no obstacle', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    await stand.database.reached(await stand.database.accept(stand.world.want(account, XLM)), 'completed');
    for (const { address } of stand.world.keys.channels.map((key) => ({ address: key.publicKey() }))) {
      stand.world.actAsAdmin(address, Operation.bumpSequence({ bumpTo: '0' }));
    }
    await stand.world.newAccounts(1);
    await stand.database.reached(await stand.database.accept(stand.world.want(account, XLM)), 'completed');
    expect(stand.world.balance(account)).toBe(12n * XLM);
  });

  test('a setup that the network refuses quarantines the channel; the payout ends once it is proven unpaid', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    for (const key of stand.world.keys.channels) {
      const signerKey = { ed25519PublicKey: stand.world.keys.stellar.address, weight: 0 };
      stand.world.actAsAdmin(key.publicKey(), Operation.setOptions({ signer: signerKey }));
    }
    await stand.world.rpc.fund([{ address: Keypair.random().publicKey(), balance: '10' }]);
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.reached(ids, 'indeterminate');
    stand.world.close(300);
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('TX_BAD_AUTH');
    expect(stand.world.balance(account)).toBe(10n * XLM);
  });
});
