import { expect, test } from '@jest/globals';
import { ConfigSettingId, LedgerKey, LedgerKeyConfigSetting, ScVal } from '@stellar/stellar-sdk/xdr';
import { accountKey } from '../../ledger/account.ts';
import { contractDataKey, ttlHash } from '../../ledger/contract-entries.ts';
import { dataKey } from '../../ledger/data-entry.ts';
import { createEntries, layer } from '../../ledger/entries.ts';
import { trustlineKey } from '../../ledger/trustline.ts';
import { createHarness, LUMEN } from '../../testing/harness.ts';
import { data, issued, trust } from '../../testing/operations.ts';
import { loadOracle } from '../../testing/oracle.ts';
import { getLedgerEntries } from './get-ledger-entries.ts';

const oracle = await loadOracle();

test('trustlines and data entries, without a lifetime, in the order asked for; nothing for what is not there', () => {
  const { ledger, fund, apply } = createHarness();
  const [issuer, alice] = [fund(10n * LUMEN), fund(10n * LUMEN)];
  apply({ source: alice, operations: [trust(issued('USD', issuer), 5n), data('config.memo_required', '1')] });
  const account = alice.publicKey();
  const keys = [
    dataKey({ account, name: 'config.memo_required' }),
    trustlineKey({ account, asset: { code: 'EUR', issuer: issuer.publicKey() } }),
    trustlineKey({ account, asset: { code: 'USD', issuer: issuer.publicKey() } }),
  ].map((key) => key.toXdr('base64'));
  const { entries, latestLedger } = getLedgerEntries(ledger, { keys });
  const lastModifiedLedgerSeq = ledger.latest().sequence;
  expect(latestLedger).toBe(lastModifiedLedgerSeq);
  expect(entries).toEqual(
    [keys[0], keys[2]].map((key) => ({ key, xdr: expect.any(String), lastModifiedLedgerSeq, extXdr: 'AAAAAA==' })),
  );
  expect(entries.map(({ xdr }) => oracle('LedgerEntryData', xdr))).toMatchObject([
    { data: { account_id: account, data_name: 'config.memo_required', data_value: '31' } },
    { trustline: { account_id: account, balance: '0', limit: '5', flags: 1 } },
  ]);
});

test('contract data with its lifetime, passed or not', () => {
  const { ledger } = createHarness();
  const entries = createEntries();
  const place = {
    contract: 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC',
    key: ScVal.scvLedgerKeyContractInstance(),
    durability: 'persistent',
  } as const;
  entries.put({ kind: 'contractData', ...place, value: ScVal.scvU32(1), lastModified: 1 });
  entries.put({ kind: 'ttl', keyHash: ttlHash(contractDataKey(place)), liveUntil: 0, lastModified: 1 });
  const key = contractDataKey(place).toXdr('base64');
  const answer = getLedgerEntries({ ...ledger, entry: entries.at, scratch: () => layer(entries, 2) }, { keys: [key] });
  expect(answer.entries).toMatchObject([{ key, lastModifiedLedgerSeq: 1, liveUntilLedgerSeq: 0 }]);
});

test('the setting of the frozen keys, also where there are none; no other setting', () => {
  const { ledger, fund } = createHarness();
  const setting = (id: ConfigSettingId) =>
    LedgerKey.configSetting(new LedgerKeyConfigSetting({ configSettingId: id })).toXdr('base64');
  const keys = [ConfigSettingId.configSettingFrozenLedgerKeys, ConfigSettingId.configSettingScpTiming].map(setting);
  const told = () =>
    getLedgerEntries(ledger, { keys }).entries.map(({ key, xdr }) => [key, oracle('LedgerEntryData', xdr)]);
  const list = (...frozen: string[]) => [[keys[0], { config_setting: { frozen_ledger_keys: { keys: frozen } } }]];
  expect(told()).toEqual(list());
  const key = accountKey(fund(LUMEN).publicKey());
  ledger.freeze(key);
  expect(told()).toEqual(list(Buffer.from(key.toXdr()).toString('hex')));
  ledger.thaw(key);
  expect(told()).toEqual(list());
});
