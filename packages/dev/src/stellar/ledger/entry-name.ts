import { Address as ScAddressText } from '@stellar/stellar-sdk/base';
import type { LedgerKey } from '@stellar/stellar-sdk/xdr';
import { type Address, addressOfKey } from './address.ts';
import { type CreditAsset, creditAsset } from './asset.ts';
import type { ContractDataPlace } from './contract-entries.ts';
import type { Entry } from './entry.ts';
import { hex } from './network.ts';

/** What an entry is kept under: one name for each ledger key that can have an entry. */
export type EntryName = string;

export const nameOf = {
  account: (address: Address): EntryName => `account ${address}`,
  trustline: (account: Address, { code, issuer }: CreditAsset): EntryName => `trustline ${account} ${code} ${issuer}`,
  data: (account: Address, name: string): EntryName => `data ${account} ${name}`,
  contractData: ({ contract, key, durability }: ContractDataPlace): EntryName =>
    `contractData ${contract} ${durability} ${key.toXdr('base64')}`,
  contractCode: (hash: string): EntryName => `contractCode ${hash}`,
  ttl: (keyHash: string): EntryName => `ttl ${keyHash}`,
};

export function entryName(entry: Entry): EntryName {
  switch (entry.kind) {
    case 'account':
      return nameOf.account(entry.address);
    case 'trustline':
      return nameOf.trustline(entry.account, entry.asset);
    case 'data':
      return nameOf.data(entry.account, entry.name);
    case 'contractData':
      return nameOf.contractData(entry);
    case 'contractCode':
      return nameOf.contractCode(entry.hash);
    case 'ttl':
      return nameOf.ttl(entry.keyHash);
  }
}

/** Undefined for a key that can have no entry here: other kinds, invalid assets. */
export function keyName(key: LedgerKey): EntryName | undefined {
  switch (key.type) {
    case 'account':
      return nameOf.account(addressOfKey(key.account.accountId.ed25519.value));
    case 'trustline': {
      const asset = creditAsset(key.trustLine.asset);
      return asset && nameOf.trustline(addressOfKey(key.trustLine.accountId.ed25519.value), asset);
    }
    case 'data':
      return nameOf.data(
        addressOfKey(key.data.accountId.ed25519.value),
        Buffer.from(key.data.dataName.bytes).toString('latin1'),
      );
    case 'contractData': {
      const { contract, durability, key: place } = key.contractData;
      return nameOf.contractData({
        contract: ScAddressText.fromScAddress(contract).toString(),
        durability: durability.name,
        key: place,
      });
    }
    case 'contractCode':
      return nameOf.contractCode(hex(key.contractCode.hash.value));
    case 'ttl':
      return nameOf.ttl(hex(key.ttl.keyHash.value));
    default:
      return undefined;
  }
}
