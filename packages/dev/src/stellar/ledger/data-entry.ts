import {
  DataEntryExt,
  DataEntry as DataEntryXdr,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyData,
} from '@stellar/stellar-sdk/xdr';
import { type Address, accountIdOf } from './address.ts';

/** A named value that an account keeps: 1 to 64 ASCII characters, at most 64 bytes. */
export interface DataEntry {
  readonly kind: 'data';
  readonly account: Address;
  readonly name: string;
  readonly value: Uint8Array;
  readonly lastModified: number;
}

export function dataKey({ account, name }: Pick<DataEntry, 'account' | 'name'>): LedgerKey {
  return LedgerKey.data(new LedgerKeyData({ accountId: accountIdOf(account), dataName: name }));
}

export function dataData({ account, name, value }: DataEntry): LedgerEntryData {
  return LedgerEntryData.data(
    new DataEntryXdr({ accountId: accountIdOf(account), dataName: name, dataValue: value, ext: DataEntryExt.v0() }),
  );
}
