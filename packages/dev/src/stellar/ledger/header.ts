import {
  type GeneralizedTransactionSet,
  LedgerCloseMeta,
  LedgerCloseMetaExt,
  LedgerCloseMetaV2,
  LedgerHeader,
  LedgerHeaderExt,
  LedgerHeaderHistoryEntry,
  LedgerHeaderHistoryEntryExt,
  StellarValue,
  StellarValueExt,
  type TransactionResultMetaV1,
} from '@stellar/stellar-sdk/xdr';
import type { Parameters } from './context.ts';
import { PROTOCOL_VERSION, sha256, TOTAL_COINS } from './network.ts';

const ZERO_HASH = new Uint8Array(32);

/** A closed ledger: its header in the network's XDR, and what names it. */
export interface ClosedLedger {
  readonly sequence: number;
  /** Unix seconds. */
  readonly closeTime: bigint;
  /** SHA-256 of the header. */
  readonly hash: Uint8Array;
  readonly header: LedgerHeader;
  readonly metadata: LedgerCloseMeta;
}

export interface LedgerContent {
  readonly sequence: number;
  readonly closeTime: bigint;
  readonly previousHash: Uint8Array;
  readonly transactionSet: { readonly hash: Uint8Array; readonly xdr: GeneralizedTransactionSet };
  readonly resultsHash: Uint8Array;
  readonly stateHash: Uint8Array;
  readonly feePool: bigint;
  readonly processing: readonly TransactionResultMetaV1[];
}

export function closedLedger(content: LedgerContent, { baseFee, baseReserve, maxOperationsPerLedger }: Parameters) {
  const { sequence, closeTime, transactionSet } = content;
  const header = new LedgerHeader({
    ledgerVersion: PROTOCOL_VERSION,
    previousLedgerHash: content.previousHash,
    scpValue: new StellarValue({
      txSetHash: transactionSet.hash,
      closeTime,
      upgrades: [],
      ext: StellarValueExt.stellarValueBasic(),
    }),
    txSetResultHash: content.resultsHash,
    bucketListHash: content.stateHash,
    ledgerSeq: sequence,
    totalCoins: TOTAL_COINS,
    feePool: content.feePool,
    inflationSeq: 0,
    idPool: 0n,
    baseFee: Number(baseFee),
    baseReserve: Number(baseReserve),
    maxTxSetSize: maxOperationsPerLedger,
    skipList: Array.from({ length: 4 }, () => ZERO_HASH),
    ext: LedgerHeaderExt.v0(),
  });
  const hash = sha256(header.toXdr());
  return { sequence, closeTime, hash, header, metadata: closeMeta(header, hash, content) } satisfies ClosedLedger;
}

function closeMeta(header: LedgerHeader, hash: Uint8Array, { transactionSet, processing }: LedgerContent) {
  return LedgerCloseMeta.v2(
    new LedgerCloseMetaV2({
      ext: LedgerCloseMetaExt.v0(),
      ledgerHeader: new LedgerHeaderHistoryEntry({ hash, header, ext: LedgerHeaderHistoryEntryExt.v0() }),
      txSet: transactionSet.xdr,
      txProcessing: [...processing],
      upgradesProcessing: [],
      scpInfo: [],
      totalByteSizeOfLiveSorobanState: 0n,
      evictedKeys: [],
    }),
  );
}
