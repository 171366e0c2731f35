import { afterEach, describe, expect, test } from '@jest/globals';
import { LedgerKey, LedgerKeyAccount, LedgerKeyTtl } from '@stellar/stellar-sdk/xdr';
import { newKeys } from '../testing/harness.ts';
import { payment, root, running, start, stopAll } from '../testing/rpc.ts';

afterEach(stopAll);

describe('the admin paths', () => {
  const admin = async (url: string, path: string, method: string, body?: unknown) => {
    const answer = await fetch(
      `${url}/_dev/${path}`,
      body === undefined ? { method } : { method, body: JSON.stringify(body) },
    );
    const told: { hash?: string; ledger?: number } = JSON.parse(await answer.text());
    return { status: answer.status, body: told };
  };

  test('close a ledger by hand, at a given time', async () => {
    const { url, ledger } = await start();
    const { closeTime } = ledger.latest();
    expect(await admin(url, 'close', 'POST', { closeTime: Number(closeTime) + 100 })).toEqual({
      status: 200,
      body: { sequence: 2, closeTime: `${closeTime + 100n}` },
    });
    expect((await admin(url, 'close', 'POST')).body).toMatchObject({ sequence: 3, closeTime: `${closeTime + 101n}` });
  });

  test('fund several accounts in one transaction', async () => {
    const { url, client } = await start();
    const accounts = [newKeys(), newKeys()].map((keys, index) => ({
      address: keys.publicKey(),
      balance: `${index + 1}.5`,
    }));
    const { status, body } = await admin(url, 'fund', 'POST', { accounts });
    expect(status).toBe(200);
    expect(await client.getTransaction(body.hash ?? '')).toMatchObject({ status: 'SUCCESS', ledger: body.ledger });
    const [first, second] = await Promise.all(accounts.map(({ address }) => client.getAccountEntry(address)));
    expect([first?.balance, second?.balance]).toEqual([15_000_000n, 25_000_000n]);
  });

  test('requests for funds that come together go into one ledger', async () => {
    const { fund, ledger } = await start({ closeEveryMs: 1_000_000 });
    const twice = newKeys().publicKey();
    const asked = [newKeys().publicKey(), twice, twice].map((address) => fund([{ address, balance: '5' }]));
    expect(running[0]?.closeLedger().sequence).toBe(2);
    const [first, second, third] = await Promise.all(asked);
    expect(first).toEqual(second);
    expect(second).toEqual(third);
    expect(ledger.accounts()).toHaveLength(3);
  });

  test('a source that is busy makes friendbot wait for the next ledger', async () => {
    const { fund, client, closeLedger } = await start({ closeEveryMs: 1_000_000, expectedCloseSeconds: 5 });
    expect((await client.sendTransaction(await payment(client))).status).toBe('PENDING');
    const asked = fund([{ address: newKeys().publicKey(), balance: '5' }]);
    closeLedger();
    closeLedger();
    expect(await asked).toMatchObject({ ledger: 3 });
  });

  test('tell what is wrong', async () => {
    const { url } = await start();
    expect(await admin(url, 'close', 'POST', { closeTime: 'noon' })).toMatchObject({ status: 400 });
    expect(await admin(url, 'fund', 'POST', { accounts: [{ address: 'GA' }] })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('expected a G… address') },
    });
    expect(await admin(url, 'fund', 'POST', { accounts: [] })).toMatchObject({ status: 400 });
    expect(await admin(url, `fund?addr=${root.publicKey()}`, 'POST')).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('createAccountAlreadyExist') },
    });
    expect((await fetch(`${url}/_dev/close`, { method: 'POST', body: '{' })).status).toBe(400);
    expect(await admin(url, 'other', 'POST')).toMatchObject({ status: 404 });
  });

  test('freeze and thaw a key', async () => {
    const { url, client } = await start();
    const key = LedgerKey.account(new LedgerKeyAccount({ accountId: root.xdrAccountId() })).toXdr('base64');
    expect(await admin(url, 'freeze', 'POST', { key })).toEqual({ status: 200, body: { frozen: true } });
    const refused = await client.sendTransaction(await payment(client));
    expect(refused).toMatchObject({ status: 'ERROR', errorResult: { result: { type: 'txFrozenKeyAccessed' } } });
    expect(await admin(url, 'freeze', 'DELETE', { key })).toEqual({ status: 200, body: { frozen: false } });
    expect((await client.sendTransaction(await payment(client))).status).toBe('PENDING');
    const ttl = LedgerKey.ttl(new LedgerKeyTtl({ keyHash: new Uint8Array(32) })).toXdr('base64');
    for (const bad of [{}, { key: 'AAAA' }, { key: '?' }, { key: ttl }]) {
      expect(await admin(url, 'freeze', 'POST', bad)).toMatchObject({ status: 400 });
    }
  });

  test('set, list and clear faults', async () => {
    const { url, client } = await start();
    const rule = { fault: { kind: 'error', code: -1, message: 'no' } };
    expect(await admin(url, 'faults', 'POST', rule)).toEqual({ status: 200, body: { faults: [rule] } });
    expect(await admin(url, 'faults', 'GET')).toEqual({ status: 200, body: { faults: [rule] } });
    await expect(client.getHealth()).rejects.toEqual({ code: -1, message: 'no' });
    expect(await admin(url, 'faults', 'DELETE')).toEqual({ status: 200, body: { faults: [] } });
    expect(await client.getHealth()).toMatchObject({ status: 'healthy' });
    expect(await admin(url, 'faults', 'POST', { fault: { kind: 'x' } })).toMatchObject({ status: 400 });
  });
});
