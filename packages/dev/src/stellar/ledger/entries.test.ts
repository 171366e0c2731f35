import { describe, expect, test } from '@jest/globals';
import { Contract } from '@stellar/stellar-sdk/base';
import {
  AlphaNum12,
  ContractCodeEntryExt,
  LedgerKey,
  LedgerKeyLiquidityPool,
  LedgerKeyTrustLine,
  PoolId,
  ScVal,
  TrustLineAsset,
} from '@stellar/stellar-sdk/xdr';
import { newKeys } from '../testing/harness.ts';
import { loadOracle } from '../testing/oracle.ts';
import { newAccount } from './account.ts';
import { contractDataKey, ttlHash } from './contract-entries.ts';
import { createEntries, layer } from './entries.ts';
import { type Entry, entryKey, ledgerEntry } from './entry.ts';
import { entryName, keyName } from './entry-name.ts';

const oracle = await loadOracle();
const [alice, issuer] = [newKeys(), newKeys()];
const account = newAccount(alice.publicKey(), 5n, 1n);
const token = new Contract('CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC').contractId();
const instance = {
  kind: 'contractData',
  contract: token,
  key: ScVal.scvLedgerKeyContractInstance(),
  durability: 'persistent',
  value: ScVal.scvU32(7),
  lastModified: 0,
} as const;
const every: readonly Entry[] = [
  account,
  line('USD'),
  line('LONGCODE'),
  { kind: 'data', account: alice.publicKey(), name: 'a b', value: new Uint8Array([1, 2]), lastModified: 0 },
  instance,
  { ...instance, contract: alice.publicKey(), key: ScVal.scvU64(3n), durability: 'temporary' },
  {
    kind: 'contractCode',
    hash: 'ab'.repeat(32),
    code: new Uint8Array(3),
    ext: ContractCodeEntryExt.v0(),
    lastModified: 0,
  },
  { kind: 'ttl', keyHash: ttlHash(contractDataKey(instance)), liveUntil: 99, lastModified: 0 },
];

function line(code: string) {
  const asset = { code, issuer: issuer.publicKey() };
  return {
    kind: 'trustline',
    account: alice.publicKey(),
    asset,
    balance: 1n,
    limit: 2n,
    flags: 1,
    lastModified: 0,
  } as const;
}

describe('entries', () => {
  test('of every kind are found under their ledger key and gone when deleted', () => {
    const entries = createEntries();
    for (const entry of every) entries.put(entry);
    expect([...entries]).toHaveLength(every.length);
    for (const entry of every) {
      const key = LedgerKey.fromXdr(entryKey(entry).toXdr());
      expect(keyName(key)).toBe(entryName(entry));
      expect(entries.at(key)).toEqual(entry);
      entries.delete(entry);
      expect(entries.at(key)).toBeUndefined();
    }
    expect([...entries]).toEqual([]);
  });

  test('are what the Rust implementation reads', () => {
    expect(every.map((entry) => Object.keys(Object(oracle('LedgerEntry', ledgerEntry(entry))).data)[0])).toEqual([
      'account',
      'trustline',
      'trustline',
      'data',
      'contract_data',
      'contract_data',
      'contract_code',
      'ttl',
    ]);
    for (const entry of every) oracle('LedgerKey', entryKey(entry));
  });

  test('are read by what they are', () => {
    const entries = createEntries();
    for (const entry of every) entries.put(entry);
    const usd = line('USD');
    expect(entries.account(alice.publicKey())).toEqual(account);
    expect(entries.trustline(alice.publicKey(), usd.asset)).toEqual(usd);
    expect(entries.trustline(alice.publicKey(), { ...usd.asset, code: 'EUR' })).toBeUndefined();
    expect(entries.data(alice.publicKey(), 'a b')?.value).toEqual(new Uint8Array([1, 2]));
    expect(entries.contractData(instance)).toEqual(instance);
    expect(entries.contractData({ ...instance, durability: 'temporary' })).toBeUndefined();
    expect(entries.contractCode('ab'.repeat(32))?.code).toHaveLength(3);
    expect(entries.ttl(ttlHash(contractDataKey(instance)))?.liveUntil).toBe(99);
  });

  test('cannot be under a key of another kind, nor of an asset that cannot be', () => {
    const pool = new PoolId(new Uint8Array(32));
    const short = new AlphaNum12({
      assetCode: new TextEncoder().encode('USD'.padEnd(12, '\0')),
      issuer: issuer.xdrAccountId(),
    });
    for (const asset of [
      TrustLineAsset.assetTypePoolShare(pool),
      TrustLineAsset.assetTypeNative(),
      TrustLineAsset.assetTypeCreditAlphanum12(short),
    ]) {
      expect(
        keyName(LedgerKey.trustline(new LedgerKeyTrustLine({ accountId: alice.xdrAccountId(), asset }))),
      ).toBeUndefined();
    }
    expect(keyName(LedgerKey.liquidityPool(new LedgerKeyLiquidityPool({ liquidityPoolId: pool })))).toBeUndefined();
  });
});

describe('a layer', () => {
  test('hides what it changes until it commits, and stamps it', () => {
    const entries = createEntries();
    entries.put(account);
    const upper = layer(entries, 8);
    const top = layer(upper, 8);
    top.put({ ...account, balance: 6n });
    top.delete(account);
    top.put(line('USD'));
    expect(top.account(account.address)).toBeUndefined();
    expect(upper.account(account.address)).toEqual(account);
    top.commit();
    expect(upper.account(account.address)).toBeUndefined();
    expect([...entries]).toEqual([account]);
    upper.commit();
    expect([...entries]).toEqual([{ ...line('USD'), lastModified: 8 }]);
  });

  test('that is dropped leaves nothing behind', () => {
    const entries = createEntries();
    entries.put(account);
    const dropped = layer(entries, 8);
    dropped.delete(account);
    dropped.put(line('USD'));
    expect([...entries]).toEqual([account]);
  });

  test('tells what was created, updated and removed, and not what came and went', () => {
    const entries = createEntries();
    const [usd, eur] = [line('USD'), line('EUR')];
    entries.put(account);
    entries.put(usd);
    const changed = layer(entries, 8);
    changed.put(eur);
    changed.delete(usd);
    changed.put({ ...account, balance: 6n });
    changed.put(instance);
    changed.delete(instance);
    changed.delete(line('NEVER'));
    expect(changed.changes().map((change) => oracle('LedgerEntryChange', change))).toMatchObject([
      { created: { last_modified_ledger_seq: 8, data: { trustline: {} } } },
      { state: { last_modified_ledger_seq: 0, data: { trustline: {} } } },
      { removed: { trustline: { account_id: alice.publicKey() } } },
      { state: { data: { account: { balance: '5' } } } },
      { updated: { last_modified_ledger_seq: 8, data: { account: { balance: '6' } } } },
    ]);
  });

  test('that removes what it then creates again updates it', () => {
    const entries = createEntries();
    entries.put(account);
    const changed = layer(entries, 8);
    changed.delete(account);
    changed.put({ ...account, balance: 6n });
    expect(changed.changes().map(({ type }) => type)).toEqual(['ledgerEntryState', 'ledgerEntryUpdated']);
  });
});
