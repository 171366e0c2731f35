import { LedgerEntryExt, LedgerKey } from '@stellar/stellar-sdk/xdr';
import { type Account, accountData } from '../../ledger/account.ts';
import { addressOfKey } from '../../ledger/address.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Params } from '../json-rpc.ts';
import { bytesOf, checkFormat, invalidParams } from './params.ts';

/** As in Stellar RPC. */
const MAX_KEYS = 200;

/** Accounts are the only entries there are. As classic entries they have no lifetime: no `liveUntilLedgerSeq`. */
export function getLedgerEntries(ledger: Ledger, params: Params) {
  checkFormat(params);
  const { keys = [] } = params;
  if (!Array.isArray(keys)) throw invalidParams('invalid parameters: keys must be an array');
  if (keys.length > MAX_KEYS) throw invalidParams(`key count (${keys.length}) exceeds maximum supported (${MAX_KEYS})`);
  const asked = new Map(keys.map((key, index) => [key, readKey(key, index)]));
  const entries = [...asked].flatMap(([key, ledgerKey]) => {
    const account = accountAt(ledger, ledgerKey);
    if (!account) return [];
    return {
      key,
      xdr: accountData(account).toXdr('base64'),
      lastModifiedLedgerSeq: account.lastModified,
      extXdr: LedgerEntryExt.v0().toXdr('base64'),
    };
  });
  return { entries, latestLedger: ledger.latest().sequence };
}

function accountAt(ledger: Ledger, key: LedgerKey): Account | undefined {
  return key.type === 'account' ? ledger.account(addressOfKey(key.account.accountId.ed25519.value)) : undefined;
}

function readKey(text: unknown, index: number): LedgerKey {
  const key = decodeKey(text);
  if (!key) throw invalidParams(`cannot unmarshal key value ${text} at index ${index}`);
  if (key.type === 'ttl') throw invalidParams('ledger ttl entries cannot be queried directly');
  return key;
}

function decodeKey(text: unknown): LedgerKey | undefined {
  const bytes = bytesOf(text);
  try {
    return bytes && LedgerKey.fromXdr(bytes);
  } catch {
    return undefined;
  }
}
