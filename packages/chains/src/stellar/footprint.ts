import { bytesToHex } from '@noble/hashes/utils.js';
import { StrKey, type xdr } from '@stellar/stellar-sdk/base';
import type { AssetId, ChainId } from '../caip.ts';
import { TransactionError } from '../error.ts';
import { writeAsset } from './asset.ts';
import { writeAccount, writeContract } from './sc-address.ts';

// Networks take 250 bytes (contractDataKeySizeBytes). The bound keeps values nested in values shallow as well.
const MAX_DATA_KEY = 1024;

/**
 * An entry of the ledger that a transaction may read or write. `key` is the hex of the XDR of an ScVal, `hash` 64 hex digits
 * of the code's SHA-256. A contract's instance is persistent, a nonce temporary.
 */
export type FootprintKey =
  | { readonly type: 'account'; readonly account: string }
  | { readonly type: 'trustline'; readonly account: string; readonly asset: AssetId }
  | { readonly type: 'contractInstance'; readonly contract: string }
  | {
      readonly type: 'contractData';
      readonly contract: string;
      readonly durability: 'temporary' | 'persistent';
      readonly key: string;
    }
  | { readonly type: 'contractCode'; readonly hash: string }
  | { readonly type: 'nonce'; readonly account: string; readonly nonce: bigint };

/** Both sets of a footprint. An entry named twice, in one set or in both, is refused, and so is every other kind of entry. */
export function writeFootprint(
  field: string,
  chain: ChainId,
  { readOnly, readWrite }: xdr.LedgerFootprint,
): { readOnly: readonly FootprintKey[]; readWrite: readonly FootprintKey[] } {
  const seen = new Set<string>();
  const write = (set: string, keys: readonly xdr.LedgerKey[]) =>
    keys.map((key, index) => {
      const at = `${field}.${set}[${index}]`;
      const bytes = bytesToHex(key.toXdr());
      if (seen.has(bytes)) throw new TransactionError('DUPLICATE_FOOTPRINT_KEY', at, 'expected an entry only once');
      seen.add(bytes);
      return writeKey(at, chain, key);
    });
  return { readOnly: write('readOnly', readOnly), readWrite: write('readWrite', readWrite) };
}

function writeKey(field: string, chain: ChainId, key: xdr.LedgerKey): FootprintKey {
  switch (key.type) {
    case 'account':
      return { type: 'account', account: StrKey.encodeEd25519PublicKey(key.account.accountId.ed25519.value) };
    case 'trustline': {
      const { accountId, asset } = key.trustLine;
      if (asset.type === 'assetTypeNative') throw unsupported(field, 'a trust line of the native asset');
      const account = StrKey.encodeEd25519PublicKey(accountId.ed25519.value);
      return { type: 'trustline', account, asset: writeAsset(`${field}.asset`, chain, asset) };
    }
    case 'contractData':
      return writeContractData(field, key.contractData);
    case 'contractCode':
      return { type: 'contractCode', hash: bytesToHex(key.contractCode.hash.value) };
    default:
      throw unsupported(field, key.type);
  }
}

function writeContractData(field: string, data: xdr.LedgerKeyContractData): FootprintKey {
  const durability = data.durability.name;
  const contractField = `${field}.contract`;
  switch (data.key.type) {
    case 'scvLedgerKeyNonce':
      if (durability !== 'temporary') throw unsupported(field, 'a persistent nonce');
      return { type: 'nonce', account: writeAccount(contractField, data.contract), nonce: data.key.nonceKey.nonce };
    case 'scvLedgerKeyContractInstance':
      if (durability !== 'persistent') throw unsupported(field, 'a temporary instance');
      return { type: 'contractInstance', contract: writeContract(contractField, data.contract) };
    default: {
      const contract = writeContract(contractField, data.contract);
      const key = data.key.toXdr();
      if (key.length > MAX_DATA_KEY) throw unsupported(field, `contract data under a key of ${key.length} bytes`);
      return { type: 'contractData', contract, durability, key: bytesToHex(key) };
    }
  }
}

function unsupported(field: string, got: string): TransactionError {
  const message = `expected an account, a trust line, a contract's data or code, or a nonce; got ${got}`;
  return new TransactionError('UNSUPPORTED_FOOTPRINT_KEY', field, message);
}
