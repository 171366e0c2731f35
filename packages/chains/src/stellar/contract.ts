import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { StrKey, xdr } from '@stellar/stellar-sdk/base';
import { type AssetId, parseAssetId, stellarChainId } from '../caip.ts';
import { readAsset } from './asset.ts';
import { readContract } from './sc-address.ts';

/**
 * The contract (`C…`) that an asset's tokens are moved by: a token contract's own, else the Stellar Asset Contract, whose address the
 * network derives from itself and the asset (CAP-46-6): SHA-256 over HashIDPreimage of ENVELOPE_TYPE_CONTRACT_ID.
 *
 * @throws TransactionError UNKNOWN_ASSET, ASSET_OF_OTHER_CHAIN, INVALID_NETWORK_PASSPHRASE.
 */
export function assetContract(networkPassphrase: string, asset: AssetId): string {
  const chain = stellarChainId(networkPassphrase);
  const parsed = parseAssetId(asset);
  if (parsed.kind === 'sep41' && parsed.chain === chain) return parsed.contract;
  const preimage = xdr.HashIdPreimage.envelopeTypeContractId(
    new xdr.HashIdPreimageContractId({
      networkId: sha256(utf8ToBytes(networkPassphrase)),
      contractIdPreimage: xdr.ContractIdPreimage.contractIdPreimageFromAsset(readAsset('asset', chain, asset)),
    }),
  );
  return StrKey.encodeContract(sha256(preimage.toXdr()));
}

/**
 * Where a Stellar Asset Contract keeps the balance of a contract (persistent contract data): the vector of the symbol
 * "Balance" and the holder's address, as the hex of its XDR.
 */
export function balanceKey(holder: string): string {
  const symbol = xdr.ScVal.scvSymbol('Balance');
  return bytesToHex(xdr.ScVal.scvVec([symbol, xdr.ScVal.scvAddress(readContract('holder', holder))]).toXdr());
}
