import { LedgerEntryExt, LedgerKey } from '@stellar/stellar-sdk/xdr';
import { ttlHash } from '../../ledger/contract-entries.ts';
import { type Entry, entryData } from '../../ledger/entry.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Params } from '../json-rpc.ts';
import { frozenKeysSetting } from './frozen-keys-setting.ts';
import { bytesOf, checkFormat, invalidParams } from './params.ts';

/** As in Stellar RPC. */
const MAX_KEYS = 200;

/** Contract data and code come with the lifetime that their entry of that kind has, passed or not; nothing else does. */
export function getLedgerEntries(ledger: Ledger, params: Params) {
  checkFormat(params);
  const { keys = [] } = params;
  if (!Array.isArray(keys)) throw invalidParams('invalid parameters: keys must be an array');
  if (keys.length > MAX_KEYS) throw invalidParams(`key count (${keys.length}) exceeds maximum supported (${MAX_KEYS})`);
  const asked = new Map(keys.map((key, index) => [key, readKey(key, index)]));
  const entries = [...asked].flatMap(([key, ledgerKey]) => {
    const setting = frozenKeysSetting(ledger, ledgerKey);
    if (setting) return { key, ...setting };
    const entry = ledger.entry(ledgerKey);
    if (!entry) return [];
    return {
      key,
      xdr: entryData(entry).toXdr('base64'),
      lastModifiedLedgerSeq: entry.lastModified,
      ...lifetime(ledger, entry, ledgerKey),
      extXdr: LedgerEntryExt.v0().toXdr('base64'),
    };
  });
  return { entries, latestLedger: ledger.latest().sequence };
}

function lifetime(ledger: Ledger, { kind }: Entry, key: LedgerKey): { liveUntilLedgerSeq?: number } {
  if (kind !== 'contractData' && kind !== 'contractCode') return {};
  const ttl = ledger.scratch().ttl(ttlHash(key));
  return ttl ? { liveUntilLedgerSeq: ttl.liveUntil } : {};
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
