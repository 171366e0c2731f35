import { StrKey, xdr } from '@stellar/stellar-sdk/base';

/** An account on the ledger, as far as a payment is concerned. Amounts in stroops. */
export interface LedgerAccount {
  readonly address: string;
  readonly sequence: bigint;
  /** What it can pay out: beyond its reserve and what its offers may take. Never negative. */
  readonly spendable: bigint;
}

// Network settings since 2015 and protocol 11; the validators can vote for others.
const BASE_RESERVE = 5_000_000n;

/** The least that an account can be created with: two base reserves. */
export const LEAST_NEW_BALANCE = 2n * BASE_RESERVE;

export function accountKey(address: string): xdr.LedgerKey {
  return xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: accountId(address) }));
}

/** The entry by which an account says that it wants a memo (SEP-29). */
export function memoRequiredKey(address: string): xdr.LedgerKey {
  return xdr.LedgerKey.data(new xdr.LedgerKeyData({ accountId: accountId(address), dataName: MEMO_REQUIRED }));
}

const MEMO_REQUIRED = 'config.memo_required';

/** The account of a G… address, as XDR. */
export function accountId(address: string): xdr.PublicKey {
  return xdr.PublicKey.publicKeyTypeEd25519(StrKey.decodeEd25519PublicKey(address));
}

/** The account behind an address: itself, or the one that an M… address stands on. */
export function baseAccount(address: string): string {
  if (!StrKey.isValidMed25519PublicKey(address)) return address;
  return StrKey.encodeEd25519PublicKey(StrKey.decodeMed25519PublicKey(address).slice(0, 32));
}

/** The accounts among ledger entries, by address. */
export function accountsIn(entries: readonly xdr.LedgerEntryData[]): ReadonlyMap<string, LedgerAccount> {
  const accounts = entries.flatMap((entry) => (entry.type === 'account' ? [readAccount(entry.value)] : []));
  return new Map(accounts.map((account) => [account.address, account]));
}

/** The addresses that want a memo (SEP-29: the entry's value is `1`). */
export function memoRequiredIn(entries: readonly xdr.LedgerEntryData[]): ReadonlySet<string> {
  const addresses = entries.flatMap((entry) => {
    if (entry.type !== 'data') return [];
    const { accountId: owner, dataName, dataValue } = entry.value;
    const isWanted = String(dataName) === MEMO_REQUIRED && Buffer.from(dataValue.value).toString() === '1';
    return isWanted ? [addressOf(owner)] : [];
  });
  return new Set(addresses);
}

function readAccount(entry: xdr.AccountEntry): LedgerAccount {
  const v1 = entry.ext.type === 'v1' ? entry.ext.v1 : undefined;
  const v2 = v1?.ext.type === 'v2' ? v1.ext.v2 : undefined;
  const reserves = 2 + entry.numSubEntries + (v2?.numSponsoring ?? 0) - (v2?.numSponsored ?? 0);
  const spendable = entry.balance - BigInt(reserves) * BASE_RESERVE - (v1?.liabilities.selling ?? 0n);
  return { address: addressOf(entry.accountId), sequence: entry.seqNum, spendable: spendable > 0n ? spendable : 0n };
}

/** The G… address of an account, as XDR has it. */
export function addressOf(key: xdr.PublicKey): string {
  return StrKey.encodeEd25519PublicKey(key.value.value);
}
