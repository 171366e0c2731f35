import { StrKey } from '@stellar/stellar-sdk/base';
import {
  Asset,
  ContractExecutable,
  ContractIdPreimage,
  HashIdPreimage,
  HashIdPreimageContractId,
  ScContractInstance,
  ScMapEntry,
  ScVal,
} from '@stellar/stellar-sdk/xdr';
import { type Address, addressOfKey, keyOf } from '../ledger/address.ts';
import { assetXdr, type CreditAsset } from '../ledger/asset.ts';
import type { ContractData, ContractDataPlace } from '../ledger/contract-entries.ts';
import { sha256 } from '../ledger/network.ts';
import { address, readBytes, struct, structFields, symbol, symbolText } from './values.ts';

/** What a Stellar Asset Contract is of. */
export type ContractAsset = 'native' | CreditAsset;

const DECIMALS = 7;

/** `C…`: the contract of an asset on the network with that id. Any network has at most one for an asset. */
export function assetContractId(networkId: Uint8Array, asset: ContractAsset): string {
  const preimage = HashIdPreimage.envelopeTypeContractId(
    new HashIdPreimageContractId({
      networkId,
      contractIdPreimage: ContractIdPreimage.contractIdPreimageFromAsset(
        asset === 'native' ? Asset.assetTypeNative() : assetXdr(asset),
      ),
    }),
  );
  return StrKey.encodeContract(sha256(preimage.toXdr()));
}

/** SEP-11's name of the asset, which is also the token's: `native`, `CODE:G…`. */
export function assetName(asset: ContractAsset): string {
  return asset === 'native' ? 'native' : `${asset.code}:${asset.issuer}`;
}

/** Undefined when the text is no asset. */
export function parseAsset(text: string): ContractAsset | undefined {
  if (text === 'native') return 'native';
  const [code = '', issuer = '', ...rest] = text.split(':');
  const isAsset = /^[a-zA-Z0-9]{1,12}$/.test(code) && StrKey.isValidEd25519PublicKey(issuer) && rest.length === 0;
  return isAsset ? { code, issuer } : undefined;
}

export function instancePlace(contract: string): ContractDataPlace {
  return { contract, key: ScVal.scvLedgerKeyContractInstance(), durability: 'persistent' };
}

/** The contract's instance as its creation leaves it. */
export function assetInstance(contract: string, asset: ContractAsset): ContractData {
  const metadata = struct({
    decimal: ScVal.scvU32(DECIMALS),
    name: ScVal.scvString(assetName(asset)),
    symbol: ScVal.scvString(asset === 'native' ? 'native' : asset.code),
  });
  const storage = [
    new ScMapEntry({ key: symbol('METADATA'), val: metadata }),
    ...(asset === 'native'
      ? []
      : [new ScMapEntry({ key: ScVal.scvVec([symbol('Admin')]), val: address(asset.issuer) })]),
    new ScMapEntry({ key: ScVal.scvVec([symbol('AssetInfo')]), val: assetInfo(asset) }),
  ];
  const executable = ContractExecutable.contractExecutableStellarAsset();
  return {
    kind: 'contractData',
    ...instancePlace(contract),
    value: ScVal.scvContractInstance(new ScContractInstance({ executable, storage })),
    lastModified: 0,
  };
}

/** The asset of an instance. Throws a HostError when the instance is none of an asset's contract. */
export function readAsset(instance: ContractData): ContractAsset {
  const { value } = instance;
  const storage = value.type === 'scvContractInstance' ? (value.instance.storage ?? []) : [];
  const info = storage.find(({ key }) => key.type === 'scvVec' && symbolText(key.vec?.[0]) === 'AssetInfo')?.val;
  const [kind, fields] = (info?.type === 'scvVec' ? info.vec : undefined) ?? [];
  if (symbolText(kind) === 'Native') return 'native';
  const { code, issuer } = readIssued(structFields(fields));
  return { code, issuer };
}

function readIssued(fields: ReadonlyMap<string, ScVal>): { code: string; issuer: Address } {
  const code = fields.get('asset_code');
  const text = code?.type === 'scvString' ? code.str.toString() : '';
  return { code: text.replace(/\0*$/, ''), issuer: addressOfKey(readBytes(fields.get('issuer'), 32)) };
}

/** The code is padded with NULs to the size of its kind, as the contract stores it. */
function assetInfo(asset: ContractAsset): ScVal {
  if (asset === 'native') return ScVal.scvVec([symbol('Native')]);
  const { code, issuer } = asset;
  const long = code.length > 4;
  const fields = struct({
    asset_code: ScVal.scvString(code.padEnd(long ? 12 : 4, '\0')),
    issuer: ScVal.scvBytes(keyOf(issuer)),
  });
  return ScVal.scvVec([symbol(long ? 'AlphaNum12' : 'AlphaNum4'), fields]);
}
