import {
  ConfigSettingEntry,
  EncodedLedgerKey,
  FrozenLedgerKeys,
  LedgerEntryData,
  LedgerEntryExt,
  type LedgerKey,
} from '@stellar/stellar-sdk/xdr';
import type { Ledger } from '../../ledger/ledger.ts';

/** The network's setting of frozen keys as getLedgerEntries tells it (CAP-77); undefined for every other key. */
export function frozenKeysSetting(ledger: Ledger, key: LedgerKey) {
  if (key.type !== 'configSetting' || key.configSetting.configSettingId.name !== 'configSettingFrozenLedgerKeys')
    return undefined;
  const keys = ledger.frozenKeys().map((frozen) => new EncodedLedgerKey(frozen.toXdr()));
  const setting = ConfigSettingEntry.configSettingFrozenLedgerKeys(new FrozenLedgerKeys({ keys }));
  return {
    xdr: LedgerEntryData.configSetting(setting).toXdr('base64'),
    lastModifiedLedgerSeq: 1,
    extXdr: LedgerEntryExt.v0().toXdr('base64'),
  };
}
