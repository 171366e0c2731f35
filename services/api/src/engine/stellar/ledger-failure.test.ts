import { laneOf } from '@countersign/chains/stellar/lane';
import { describe, expect, test } from '@jest/globals';
import { Asset, Keypair, Operation } from '@stellar/stellar-sdk/base';
import { attemptsOf, wayOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('a failure on the ledger', () => {
  test('costs nobody but the guilty: the rest goes on at the next number of the lane, at once', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const created = Keypair.random().publicKey();
    // Somebody creates the account after the plan was made: not the payout's fault either.
    stand.once(
      'stellar.signed.stored',
      async () => void (await stand.world.rpc.fund([{ address: created, balance: '1' }])),
    );
    const ids = await stand.database.accept(stand.world.want(created, 2n * XLM), stand.world.want(account, XLM));
    await stand.database.reached(ids, 'completed');
    expect([stand.world.balance(created), stand.world.balance(account)]).toEqual([3n * XLM, 11n * XLM]);
    const attempts = await attemptsOf(stand.database, ids);
    const [first, second] = attempts;
    expect(attempts.map(({ state, creates }) => [state, creates[0]])).toEqual([
      ['failed', true],
      ['succeeded', false],
    ]);
    expect(second).toMatchObject({ channel: first?.channel, sequence: (first?.sequence ?? 0n) + 1n });
    expect(await wayOf(stand.database, ids[1] ?? '')).toContain('signing');
  });

  test('pauses nothing but waits, when the treasury was emptied meanwhile', async () => {
    const [account = '', elsewhere = ''] = await stand.world.newAccounts(2);
    const { address } = stand.world.keys.stellar;
    const spare = (): string => {
      const left = stand.world.balance(address) - 5n * XLM;
      return `${left / XLM}`;
    };
    stand.once('stellar.signed.stored', () => {
      stand.world.actAsAdmin(
        address,
        Operation.payment({ destination: elsewhere, asset: Asset.native(), amount: spare() }),
      );
      stand.world.close();
    });
    const ids = await stand.database.accept(stand.world.want(account, 50n * XLM), stand.world.want(account, 60n * XLM));
    await stand.database.showing(ids, 'TREASURY_UNDERFUNDED');
    const taken = stand.world.balance(elsewhere);
    expect(taken).toBeGreaterThan(100_000n * XLM);
    stand.world.payFromRoot(address);
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(120n * XLM);
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts.map(({ state }) => state)).toEqual(['failed', 'succeeded']);
  });
});

describe('a rarer failure on the ledger', () => {
  test('a creation below the reserve of the network ends that payout alone', async () => {
    await stand.beginAgain({ baseReserve: 2n * XLM });
    const [account = ''] = await stand.world.newAccounts(1);
    const created = Keypair.random().publicKey();
    const ids = await stand.database.accept(
      stand.world.want(created, 2n * XLM),
      stand.world.want(created, XLM / 2n),
      stand.world.want(account, XLM),
    );
    const payouts = await stand.database.reached(ids, 'completed', 'failed');
    expect(payouts.map(({ reason_code }) => reason_code)).toEqual([
      'CREATE_ACCOUNT_LOW_RESERVE',
      'DESTINATION_UNFUNDED',
      null,
    ]);
    expect(payouts[2]?.status).toBe('completed');
    expect(stand.world.balance(created)).toBe(0n);
  });

  test('on the last number of a lane ends the one payout that is bound to it, and no other', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    for (const channel of stand.world.chain.treasuries[0]?.channels ?? []) {
      const last = laneOf((stand.world.rpc.ledger.account(channel)?.sequence ?? 0n) + 1n).end - 1n;
      stand.world.actAsAdmin(channel, Operation.bumpSequence({ bumpTo: last.toString() }));
    }
    await stand.world.newAccounts(1);
    const created = Keypair.random().publicKey();
    stand.once(
      'stellar.signed.stored',
      async () => void (await stand.world.rpc.fund([{ address: created, balance: '1' }])),
    );
    const ids = await stand.database.accept(stand.world.want(created, 2n * XLM), stand.world.want(account, XLM));
    const payouts = await stand.database.reached(ids, 'failed', 'completed');
    expect(payouts.map(({ reason_code }) => reason_code)).toEqual(['LANE_CLOSED_UNPAID', null]);
    expect([stand.world.balance(created), stand.world.balance(account)]).toEqual([XLM, 11n * XLM]);
  });

  test('that no payout explains quarantines the channel and ends what it carried, unpaid', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.world.rpc.faults.add({ fault: { kind: 'hold', ledgers: 4 }, times: 1 });
    stand.once('stellar.submit.stored', () => {
      const signerKey = { ed25519PublicKey: stand.world.keys.admin.publicKey(), weight: 3 };
      stand.world.actAsAdmin(
        stand.world.keys.stellar.address,
        Operation.setOptions({ signer: signerKey, masterWeight: 0 }),
      );
    });
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    const [payout] = await stand.database.reached(ids, 'failed', 'indeterminate');
    expect(payout?.reason_code).toBe('OP_BAD_AUTH');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'OP_BAD_AUTH' })).toBe(1);
    stand.world.close(300);
    await stand.database.reached(ids, 'failed');
    expect(stand.world.balance(account)).toBe(10n * XLM);
  });
});
