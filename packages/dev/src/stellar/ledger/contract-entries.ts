import { Address as ScAddressText } from '@stellar/stellar-sdk/base';
import {
  ContractCodeEntry,
  type ContractCodeEntryExt,
  ContractDataDurability,
  ContractDataEntry,
  ExtensionPoint,
  LedgerEntryData,
  LedgerKey,
  LedgerKeyContractCode,
  LedgerKeyContractData,
  LedgerKeyTtl,
  type ScVal,
  TtlEntry,
} from '@stellar/stellar-sdk/xdr';
import { hex, sha256 } from './network.ts';

export type Durability = 'temporary' | 'persistent';

/** Where a contract's datum is. A contract's instance is under `ScVal.scvLedgerKeyContractInstance()`, persistent. */
export interface ContractDataPlace {
  /** `C…`; an account's `G…` for its authorization nonces. */
  readonly contract: string;
  readonly key: ScVal;
  readonly durability: Durability;
}

export interface ContractData extends ContractDataPlace {
  readonly kind: 'contractData';
  readonly value: ScVal;
  readonly lastModified: number;
}

export interface ContractCode {
  readonly kind: 'contractCode';
  /** SHA-256 of the code, hex. */
  readonly hash: string;
  readonly code: Uint8Array;
  /** With the cost inputs where there are any; `ContractCodeEntryExt.v0()` otherwise. */
  readonly ext: ContractCodeEntryExt;
  readonly lastModified: number;
}

/** How long a contract's datum or code lives: through the ledger with this number. An entry of its own. */
export interface Ttl {
  readonly kind: 'ttl';
  /** SHA-256 of the key (`LedgerKey`) of what lives, hex: see `ttlHash`. */
  readonly keyHash: string;
  readonly liveUntil: number;
  readonly lastModified: number;
}

export function contractDataKey({ contract, key, durability }: ContractDataPlace): LedgerKey {
  return LedgerKey.contractData(
    new LedgerKeyContractData({
      contract: ScAddressText.fromString(contract).toScAddress(),
      key,
      durability: ContractDataDurability[durability],
    }),
  );
}

export function contractDataData({ contract, key, durability, value }: ContractData): LedgerEntryData {
  return LedgerEntryData.contractData(
    new ContractDataEntry({
      ext: ExtensionPoint.v0(),
      contract: ScAddressText.fromString(contract).toScAddress(),
      key,
      durability: ContractDataDurability[durability],
      val: value,
    }),
  );
}

export function contractCodeKey({ hash }: Pick<ContractCode, 'hash'>): LedgerKey {
  return LedgerKey.contractCode(new LedgerKeyContractCode({ hash: bytes(hash) }));
}

export function contractCodeData({ hash, code, ext }: ContractCode): LedgerEntryData {
  return LedgerEntryData.contractCode(new ContractCodeEntry({ ext, hash: bytes(hash), code }));
}

/** The name of the entry that holds the lifetime of what has this key, hex. */
export function ttlHash(key: LedgerKey): string {
  return hex(sha256(key.toXdr()));
}

export function ttlKey({ keyHash }: Pick<Ttl, 'keyHash'>): LedgerKey {
  return LedgerKey.ttl(new LedgerKeyTtl({ keyHash: bytes(keyHash) }));
}

export function ttlData({ keyHash, liveUntil }: Ttl): LedgerEntryData {
  return LedgerEntryData.ttl(new TtlEntry({ keyHash: bytes(keyHash), liveUntilLedgerSeq: liveUntil }));
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
