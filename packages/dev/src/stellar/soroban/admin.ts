import { LedgerKey } from '@stellar/stellar-sdk/xdr';
import { contractDataKey } from '../ledger/contract-entries.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { networkId } from '../ledger/network.ts';
import { assetContractId, assetInstance, instancePlace, parseAsset } from './asset-contract.ts';
import { isPersistent, liveness, persistentUntil, setLiveUntil } from './lifetime.ts';

/** Why contracts' entries cannot be set up that way. */
export class SorobanAdminError extends Error {}

/**
 * Puts the contract of an asset (`native`, `CODE:G…`) into the ledger, as if somebody had created it long ago; answers
 * its id, `C…`. Throws a SorobanAdminError.
 */
export function deployAssetContract(ledger: Ledger, text: string): string {
  const asset = parseAsset(text);
  if (!asset) throw new SorobanAdminError(`expected native or CODE:G…, got ${text}`);
  const contract = assetContractId(networkId(ledger.networkPassphrase), asset);
  const key = contractDataKey(instancePlace(contract));
  if (ledger.entry(key)) return contract;
  ledger.amend((entries) => {
    entries.put(assetInstance(contract, asset));
    setLiveUntil(entries, key, persistentUntil(ledger.latest().sequence));
  });
  return contract;
}

/** Ends the life of a contract's persistent entry with the last closed ledger. `text` is its LedgerKey, base64. */
export function archive(ledger: Ledger, text: string): void {
  const key = readKey(text);
  const { sequence } = ledger.latest();
  if (!isPersistent(key))
    throw new SorobanAdminError(`expected a key of persistent contract data or code, got ${key.type}`);
  if (liveness(ledger.scratch(), key, sequence + 1) !== 'live')
    throw new SorobanAdminError('there is no such live entry');
  ledger.amend((entries) => setLiveUntil(entries, key, sequence));
}

function readKey(text: string): LedgerKey {
  try {
    return LedgerKey.fromXdr(text, 'base64');
  } catch {
    throw new SorobanAdminError(`expected a LedgerKey in base64, got ${text}`);
  }
}
