import { xdr } from '@stellar/stellar-sdk/base';

/** The ledger keys that the network has frozen: no transaction that touches one is valid (CAP-77). */
export interface FrozenKeys {
  has(key: xdr.LedgerKey): boolean;
}

/** The entry that lists them; a network without any may have none. */
export const FROZEN_KEYS: xdr.LedgerKey = xdr.LedgerKey.configSetting(
  new xdr.LedgerKeyConfigSetting({ configSettingId: xdr.ConfigSettingId.configSettingFrozenLedgerKeys }),
);

export function frozenKeysIn(entries: readonly xdr.LedgerEntryData[]): FrozenKeys {
  const frozen = new Set(
    entries.flatMap((entry) => {
      if (entry.type !== 'configSetting' || entry.value.type !== 'configSettingFrozenLedgerKeys') return [];
      return entry.value.value.keys.map((key) => Buffer.from(key.value).toString('base64'));
    }),
  );
  return { has: (key) => frozen.size > 0 && frozen.has(key.toXdr('base64')) };
}
