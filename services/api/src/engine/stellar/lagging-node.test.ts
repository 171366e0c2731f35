import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { type FaultProxy, startFaultProxy } from '../../../testing/engine/fault-proxy.ts';
import { wayOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';
import { accountKey } from './account.ts';

const XLM = 10_000_000n;
const LATER_THAN_ANY = 9_999_999_999;
const stand = useStellarStand();

describe('a node that is behind', () => {
  let proxy: FaultProxy;

  beforeEach(async () => {
    proxy = await startFaultProxy(stand.world.rpc.url);
    await stand.restartThrough(proxy.url);
  });
  afterEach(() => proxy.close());

  /** Of the transactions, once the next one is on the ledger; tells how often it was asked. */
  const forgetTransactions = (account: string, behind: { readonly latestLedger?: number }) => {
    let asked = 0;
    stand.once('stellar.submit.stored', async () => {
      await eventually(async () => stand.world.balance(account) === 11n * XLM);
      const result = {
        status: 'NOT_FOUND',
        ...behind,
        oldestLedger: 1,
        get latestLedgerCloseTime() {
          asked++;
          return LATER_THAN_ANY;
        },
      };
      proxy.fail({ kind: 'lie', result }, 'getTransaction');
    });
    return () => asked;
  };

  test('with our own transaction, and not with the number that it used, makes nobody a stranger', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    const asked = forgetTransactions(account, { latestLedger: 2 });
    const [id = ''] = await stand.database.accept(stand.world.want(account, XLM));
    await eventually(async () => asked() >= 8);
    proxy.clear();
    await stand.database.reached([id], 'completed');
    expect(await wayOf(stand.database, id)).not.toContain('indeterminate');
  });

  test('and finds our transaction after all, when its payouts were set aside: they end as the ledger has it', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    forgetTransactions(account, {});
    const [id = ''] = await stand.database.accept(stand.world.want(account, XLM));
    const [payout] = await stand.database.reached([id], 'indeterminate');
    expect(payout?.reason_code).toBe('CHANNEL_FOREIGN_USE');
    proxy.clear();
    await stand.database.reached([id], 'completed');
  });

  test('by the ledger that created an account does not have its next payout fail', async () => {
    const account = Keypair.random().publicKey();
    const { stellar, channels } = stand.world.keys;
    const keys = [stellar.address, ...channels.map((key) => key.publicKey())].map((address) =>
      accountKey(address).toXdr('base64'),
    );
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'getLedgerEntries', params: { keys } });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(stand.world.rpc.url, { method: 'POST', headers, body });
    const { result } = JSON.parse(await answer.text());
    await stand.database.reached(await stand.database.accept(stand.world.want(account, 5n * XLM)), 'completed');
    let asked = 0;
    const stale = {
      ...result,
      get latestLedger() {
        asked++;
        return result.latestLedger;
      },
    };
    proxy.fail({ kind: 'lie', result: stale }, 'getLedgerEntries');
    const ids = await stand.database.accept(stand.world.want(account, 1n));
    await eventually(async () => asked >= 6);
    expect((await stand.database.payouts(ids))[0]?.status).toBe('created');
    proxy.clear();
    await stand.database.reached(ids, 'completed');
  });
});
