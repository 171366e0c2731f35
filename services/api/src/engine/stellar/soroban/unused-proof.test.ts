import { describe, expect, test } from '@jest/globals';
import { xdr } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { isProvenUnused, proveUnused } from './unused-proof.ts';

const ledgers = fc.bigInt({ min: 1n, max: 1_000n });

describe('isProvenUnused', () => {
  test('never before the last ledger has passed', () => {
    expect(isProvenUnused({ unusedAt: 100n, expirationLedger: 100n }, 100n)).toBe(false);
    expect(isProvenUnused({ unusedAt: 100n, expirationLedger: 100n }, 101n)).toBe(true);
  });

  test('not after too long without a look, by what the network lets entries live', () => {
    const seen = { unusedAt: 100n, expirationLedger: 120n };
    expect([isProvenUnused(seen, 121n), isProvenUnused(seen, 121n, 20n), isProvenUnused(seen, 121n, 21n)]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test('holds whenever the entry of any use in between would still be there', () => {
    fc.assert(
      fc.property(
        ledgers,
        ledgers,
        ledgers,
        ledgers,
        fc.bigInt({ min: 16n, max: 64n }),
        (built, life, gap, late, ttl) => {
          const expirationLedger = built + life;
          const unusedAt = built + gap;
          const ledger = expirationLedger + late;
          fc.pre(unusedAt < ledger);
          // The use that is gone soonest is the first one after the last look.
          const use = unusedAt + 1n;
          const visibleUntil = expirationLedger > use + ttl - 1n ? expirationLedger : use + ttl - 1n;
          const couldHide = use <= expirationLedger && visibleUntil < ledger;
          expect(isProvenUnused({ unusedAt, expirationLedger }, ledger, ttl)).toBe(!couldHide);
        },
      ),
    );
  });
});

describe('proveUnused', () => {
  const authorization = {
    id: 'at_1',
    payoutId: 'po_1',
    channel: 'G',
    nonce: 1n,
    expirationLedger: 200n,
    hash: '',
    unsigned: new Uint8Array(),
    asks: 1,
    signed: undefined,
    unusedAt: 100n,
  };
  const network = (minTemporaryTtl: number): xdr.LedgerEntryData[] => {
    const settings = new xdr.StateArchivalSettings({
      maxEntryTtl: 3_110_400,
      minTemporaryTtl,
      minPersistentTtl: 2_073_600,
      persistentRentRateDenominator: 1_215n,
      tempRentRateDenominator: 2_430n,
      maxEntriesToArchive: 1_000,
      liveSorobanStateSizeWindowSampleSize: 30,
      liveSorobanStateSizeWindowSamplePeriod: 64,
      evictionScanSize: 500_000,
      startingEvictionScanLevel: 7,
    });
    return [xdr.LedgerEntryData.configSetting(xdr.ConfigSettingEntry.configSettingStateArchival(settings))];
  };
  const prove = (entries: xdr.LedgerEntryData[]) => {
    const asked: string[] = [];
    const rpc = {
      entries: async (keys: readonly xdr.LedgerKey[]) => {
        asked.push(...keys.map(({ type }) => type));
        return { ledger: 500n, entries };
      },
    };
    return { asked, proven: proveUnused(rpc, authorization, 500n) };
  };

  test('asks the network how long its entries live, where the least of any network is not enough', async () => {
    const { asked, proven } = prove(network(17_280));
    expect(await proven).toBe(true);
    expect(asked).toEqual(['configSetting']);
    expect(await prove(network(399)).proven).toBe(false);
  });

  test('proves nothing where the network does not tell', async () => {
    expect(await prove([]).proven).toBe(false);
  });
});
