import {
  MuxedAccount,
  type Operation as OperationEntry,
  Preconditions as PreconditionsEntry,
  TransactionSignaturePayloadTaggedTransaction as Tagged,
  Transaction as TransactionEntry,
  TransactionEnvelope,
  TransactionExt,
  TransactionSignaturePayload,
  type TransactionV0,
  type TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { type Address, addressOf } from './address.ts';
import { hex, sha256 } from './network.ts';
import type { OperationRules } from './operations/operation.ts';
import { rulesOf } from './operations/rules.ts';
import { type Preconditions, readPreconditions } from './preconditions.ts';
import { createSignatures, type Signatures } from './signatures.ts';

export interface Operation {
  readonly source: Address;
  readonly rules: OperationRules;
}

interface Envelope {
  readonly envelope: TransactionEnvelope;
  /** What is signed and what names the transaction, hex. */
  readonly id: string;
  readonly hash: Uint8Array;
  /** SHA-256 of the whole envelope with its signatures, hex: the queue's name for it. */
  readonly fullHash: string;
  /** Whose sequence number is used. */
  readonly source: Address;
  readonly sequence: bigint;
  /** Who pays the fee. */
  readonly feeSource: Address;
  /** The most the fee may be, stroops. */
  readonly fee: bigint;
  /** How many operations the fee is counted for. */
  readonly feeOperations: bigint;
  readonly signatures: Signatures;
}

export interface Transaction extends Envelope {
  readonly kind: 'transaction';
  readonly content: Content;
}

/** What the transaction says, or the code for what the ledger refuses to read. */
export type Content =
  | { readonly operations: readonly Operation[]; readonly preconditions: Preconditions; readonly refusal?: undefined }
  | { readonly refusal: 'txNotSupported' | 'txMalformed' };

export interface FeeBump extends Envelope {
  readonly kind: 'feeBump';
  readonly inner: Transaction;
}

export type Frame = Transaction | FeeBump;

/** Reads an envelope; undefined when the bytes are not one. */
export function readEnvelope(bytes: Uint8Array, networkId: Uint8Array): Frame | undefined {
  const envelope = decode(bytes);
  switch (envelope?.type) {
    case undefined:
      return undefined;
    case 'envelopeTypeTxV0':
      return {
        ...transaction(envelope, asV1(envelope.v0.tx), envelope.v0.signatures, networkId),
        content: { refusal: 'txNotSupported' },
      };
    case 'envelopeTypeTx':
      return transaction(envelope, envelope.v1.tx, envelope.v1.signatures, networkId);
    case 'envelopeTypeTxFeeBump': {
      const { tx, signatures } = envelope.feeBump;
      const { v1 } = tx.innerTx;
      const inner = transaction(TransactionEnvelope.envelopeTypeTx(v1), v1.tx, v1.signatures, networkId);
      const named = identify(envelope, Tagged.envelopeTypeTxFeeBump(tx), networkId);
      return {
        ...named,
        kind: 'feeBump',
        inner,
        source: inner.source,
        sequence: inner.sequence,
        feeSource: addressOf(tx.feeSource),
        fee: tx.fee,
        feeOperations: inner.feeOperations + 1n,
        signatures: createSignatures(named.hash, signatures),
      };
    }
  }
}

function decode(bytes: Uint8Array): TransactionEnvelope | undefined {
  try {
    return TransactionEnvelope.fromXdr(bytes);
  } catch {
    return undefined;
  }
}

function identify(envelope: TransactionEnvelope, taggedTransaction: Tagged, networkId: Uint8Array) {
  const hash = sha256(new TransactionSignaturePayload({ networkId, taggedTransaction }).toXdr());
  return { envelope, hash, id: hex(hash), fullHash: hex(sha256(envelope.toXdr())) };
}

function transaction(
  envelope: TransactionEnvelope,
  tx: TransactionEntry,
  signatures: TransactionV1Envelope['signatures'],
  networkId: Uint8Array,
): Transaction {
  const named = identify(envelope, Tagged.envelopeTypeTx(tx), networkId);
  const source = addressOf(tx.sourceAccount);
  return {
    ...named,
    kind: 'transaction',
    source,
    sequence: tx.seqNum,
    feeSource: source,
    fee: BigInt(tx.fee),
    feeOperations: BigInt(Math.max(1, tx.operations.length)),
    signatures: createSignatures(named.hash, signatures),
    content: content(tx, source),
  };
}

function content(tx: TransactionEntry, source: Address): Content {
  const preconditions = readPreconditions(tx.cond);
  const operations = tx.operations.flatMap((operation) => operationOf(operation, source) ?? []);
  if (!preconditions || operations.length < tx.operations.length) return { refusal: 'txNotSupported' };
  return tx.ext.type === 'v0' ? { operations, preconditions } : { refusal: 'txMalformed' };
}

function operationOf({ body, sourceAccount }: OperationEntry, transactionSource: Address): Operation | undefined {
  const rules = rulesOf(body);
  return rules && { source: sourceAccount ? addressOf(sourceAccount) : transactionSource, rules };
}

/** A V0 transaction is signed as the V1 transaction that says the same. */
function asV1(tx: TransactionV0): TransactionEntry {
  return new TransactionEntry({
    sourceAccount: MuxedAccount.keyTypeEd25519(tx.sourceAccountEd25519),
    fee: tx.fee,
    seqNum: tx.seqNum,
    cond: tx.timeBounds ? PreconditionsEntry.precondTime(tx.timeBounds) : PreconditionsEntry.precondNone(),
    memo: tx.memo,
    operations: tx.operations,
    ext: TransactionExt.v0(),
  });
}
