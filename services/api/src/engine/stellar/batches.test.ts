import { describe, expect, test } from '@jest/globals';
import { Account, Keypair, MuxedAccount } from '@stellar/stellar-sdk/base';
import { attemptsOf, auditOf, wayOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

function muxedAddress(account: string, id: string): string {
  return new MuxedAccount(new Account(account, '0'), id).accountId();
}

/** The same bytes are sent again now and then, with other answers. */
function distinct<Entry>(entries: readonly Entry[]): Entry[] {
  return entries.filter((entry, i) => JSON.stringify(entry) !== JSON.stringify(entries[i - 1]));
}

describe('batches', () => {
  test('pay many payouts with one signature', async () => {
    const accounts = await stand.world.newAccounts(120);
    const ids = await stand.database.accept(...accounts.map((account, i) => stand.world.want(account, BigInt(i + 1))));
    await stand.database.reached(ids, 'completed');
    for (const [i, account] of accounts.entries()) expect(stand.world.balance(account)).toBe(10n * XLM + BigInt(i + 1));
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts.map(({ payouts }) => payouts.length).sort()).toEqual([21, 99]);
    expect(stand.signer.requests).toHaveLength(2);
  });

  test('hold payouts of one memo only', async () => {
    const [first = '', second = '', third = ''] = await stand.world.newAccounts(3);
    const hash = { type: 'hash', value: 'ab'.repeat(32) } as const;
    const ids = await stand.database.accept(
      stand.world.want(first, 1n, { type: 'text', value: 'a' }),
      stand.world.want(second, 2n, hash),
      stand.world.want(third, 3n, { type: 'text', value: 'a' }),
      stand.world.want(first, 4n, { type: 'id', value: '18446744073709551615' }),
      stand.world.want(first, 5n),
    );
    await stand.database.reached(ids, 'completed');
    const batches = (await attemptsOf(stand.database, ids)).map(({ payouts }) => payouts.map((id) => ids.indexOf(id)));
    expect(batches.sort()).toEqual([[0, 2], [1], [3], [4]]);
  });

  test('pay M… addresses beside plain ones', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const muxed = ['1', '2'].map((id) => muxedAddress(account, id));
    const ids = await stand.database.accept(
      ...muxed.map((address) => stand.world.want(address, XLM)),
      stand.world.want(account, XLM),
    );
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(13n * XLM);
    expect(await attemptsOf(stand.database, ids)).toHaveLength(1);
  });

  test('create an account once, with the first payout that is large enough, and pay the others after it', async () => {
    const account = Keypair.random().publicKey();
    const ids = await stand.database.accept(
      stand.world.want(account, XLM / 2n),
      stand.world.want(account, 3n * XLM),
      stand.world.want(account, 5n * XLM),
    );
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(8n * XLM + XLM / 2n);
    const [attempt] = await attemptsOf(stand.database, ids);
    expect(attempt?.payouts.map((id) => ids.indexOf(id))).toEqual([1, 0, 2]);
    expect(attempt?.creates).toEqual([true, false, false]);
  });

  test('leave out what cannot create its account, and say why', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const muxed = muxedAddress(Keypair.random().publicKey(), '7');
    const ids = await stand.database.accept(
      stand.world.want(Keypair.random().publicKey(), XLM - 1n),
      stand.world.want(account, XLM),
      stand.world.want(muxed, 100n * XLM),
    );
    const [small, good, unknown] = await stand.database.reached(ids, 'completed', 'failed');
    expect([small?.reason_code, unknown?.reason_code]).toEqual(['DESTINATION_UNFUNDED', 'DESTINATION_UNFUNDED']);
    expect(good?.status).toBe('completed');
    expect(await wayOf(stand.database, ids[0] ?? '')).toEqual(['created', 'failed']);
  });

  test('wait for an account that another batch creates', async () => {
    const account = Keypair.random().publicKey();
    // Held in the queue, so that its account is still missing when the second one is planned.
    stand.world.rpc.faults.add({ fault: { kind: 'hold', ledgers: 20 }, times: 1 });
    const [first = ''] = await stand.database.accept(stand.world.want(account, 5n * XLM));
    await stand.database.reached([first], 'confirming');
    const [second = ''] = await stand.database.accept(stand.world.want(account, XLM / 2n));
    await stand.database.showing([second], 'DESTINATION_BEING_CREATED');
    await stand.database.reached([first, second], 'completed');
    expect(stand.world.balance(account)).toBe(5n * XLM + XLM / 2n);
  });
});

describe('the record', () => {
  test('shows the way, the hash and how it was signed, and joins both sides of the wall', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const [id = ''] = await stand.database.accept(stand.world.want(account, XLM));
    const [payout] = await stand.database.reached([id], 'completed');
    const [attempt] = await attemptsOf(stand.database, [id]);
    expect(stand.world.rpc.ledger.transaction(payout?.hash ?? '')).toBeDefined();
    expect(payout).toMatchObject({ path: 'legacy', reason_code: null, reason_detail: null });
    expect(await wayOf(stand.database, id)).toEqual(['created', 'signing', 'submitted', 'confirming', 'completed']);
    const audit = await auditOf(stand.database, id);
    expect(distinct(audit)).toEqual(
      ['BuildTransaction', 'SignTransaction', 'SubmitTransaction', 'PayoutCompleted'].map((name) => ({
        name,
        requestId: attempt?.id,
      })),
    );
    expect(stand.signer.requests[0]?.requestId).toBe(attempt?.id);
    const { rows } = await stand.database.pool.query(
      `select event -> 'additionalEventData' -> 'payouts' as payouts from audit_events limit 1`,
    );
    expect(rows[0]?.payouts).toEqual([{ payoutId: id, requestId: `rq_of_${id}` }]);
  });

  test('is counted', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    await stand.database.reached(
      await stand.database.accept(stand.world.want(account, XLM), stand.world.want(account, XLM)),
      'completed',
    );
    const chain = stand.world.chain.chain;
    expect(await stand.metric('countersign_payout_transitions_total', { chain, status: 'completed' })).toBe(2);
    expect(await stand.metric('countersign_build_seconds', { chain, outcome: 'stored', le: '30' })).toBe(1);
    expect(await stand.metric('countersign_sign_seconds', { chain, outcome: 'signed', le: '30' })).toBe(1);
    expect(await stand.metric('countersign_submit_seconds', { chain, outcome: 'accepted', le: '30' })).toBeGreaterThan(
      0,
    );
    expect(await stand.metric('countersign_confirm_seconds', { chain, outcome: 'success', le: '3600' })).toBe(1);
    expect(await stand.metric('countersign_engine_errors_total', {})).toBe(0);
  });
});
