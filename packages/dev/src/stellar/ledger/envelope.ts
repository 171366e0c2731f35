import {
  MuxedAccount,
  type Operation as OperationEntry,
  Preconditions as PreconditionsEntry,
  TransactionSignaturePayloadTaggedTransaction as Tagged,
  Transaction as TransactionEntry,
  TransactionEnvelope,
  TransactionExt,
  TransactionSignaturePayload,
  type TransactionV0Envelope,
  TransactionV1Envelope,
} from '@stellar/stellar-sdk/xdr';
import { readSoroban, type SorobanTransaction } from '../soroban/soroban-transaction.ts';
import { type Address, addressOf } from './address.ts';
import { hex, sha256 } from './network.ts';
import { invokeHostFunction } from './operations/invoke-host-function.ts';
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
  /** The part of it that pays for what a contract call uses; 0 for classic transactions. */
  readonly resourceFee: bigint;
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
  | {
      readonly operations: readonly Operation[];
      readonly preconditions: Preconditions;
      /** What makes it a contract call; then it has one operation. */
      readonly soroban?: SorobanTransaction;
      readonly refusal?: undefined;
    }
  | { readonly refusal: 'txNotSupported' | 'txMalformed' };

export interface FeeBump extends Envelope {
  readonly kind: 'feeBump';
  readonly inner: Transaction;
}

export type Frame = Transaction | FeeBump;

/** What it offers for being included, stroops: less than nothing when it does not even pay for its resources. */
export function inclusionFee({ fee, resourceFee }: Frame): bigint {
  return fee - resourceFee;
}

/** Reads an envelope; undefined when the bytes are not one. */
export function readEnvelope(bytes: Uint8Array, networkId: Uint8Array): Frame | undefined {
  const envelope = decode(bytes);
  switch (envelope?.type) {
    case undefined:
      return undefined;
    case 'envelopeTypeTxV0':
      return {
        ...transaction(envelope, asV1(envelope.v0), networkId),
        content: { refusal: 'txNotSupported' },
      };
    case 'envelopeTypeTx':
      return transaction(envelope, envelope.v1, networkId);
    case 'envelopeTypeTxFeeBump': {
      const { tx, signatures } = envelope.feeBump;
      const { v1 } = tx.innerTx;
      const inner = transaction(TransactionEnvelope.envelopeTypeTx(v1), v1, networkId);
      const named = identify(envelope, Tagged.envelopeTypeTxFeeBump(tx), networkId);
      return {
        ...named,
        kind: 'feeBump',
        inner,
        source: inner.source,
        sequence: inner.sequence,
        feeSource: addressOf(tx.feeSource),
        fee: tx.fee,
        resourceFee: inner.resourceFee,
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

function transaction(envelope: TransactionEnvelope, v1: TransactionV1Envelope, networkId: Uint8Array): Transaction {
  const { tx, signatures } = v1;
  const named = identify(envelope, Tagged.envelopeTypeTx(tx), networkId);
  const source = addressOf(tx.sourceAccount);
  const said = content(v1, source, networkId);
  return {
    ...named,
    kind: 'transaction',
    source,
    sequence: tx.seqNum,
    feeSource: source,
    fee: BigInt(tx.fee),
    resourceFee: (said.refusal ? undefined : said.soroban)?.data.resourceFee ?? 0n,
    feeOperations: BigInt(Math.max(1, tx.operations.length)),
    signatures: createSignatures(named.hash, signatures),
    content: said,
  };
}

function content(v1: TransactionV1Envelope, source: Address, networkId: Uint8Array): Content {
  const { tx } = v1;
  const soroban = readSoroban(v1, networkId);
  if (soroban && 'refusal' in soroban) return soroban;
  const preconditions = readPreconditions(tx.cond);
  const operations = tx.operations.flatMap((operation) => operationOf(operation, source, soroban) ?? []);
  if (!preconditions || operations.length < tx.operations.length) return { refusal: 'txNotSupported' };
  if (soroban) return { operations, preconditions, soroban };
  return tx.ext.type === 'v0' ? { operations, preconditions } : { refusal: 'txMalformed' };
}

function operationOf(
  { body, sourceAccount }: OperationEntry,
  transactionSource: Address,
  soroban: SorobanTransaction | undefined,
): Operation | undefined {
  const rules = soroban ? invokeHostFunction(soroban) : rulesOf(body);
  return rules && { source: sourceAccount ? addressOf(sourceAccount) : transactionSource, rules };
}

/** A V0 transaction is signed as the V1 transaction that says the same. */
function asV1({ tx, signatures }: TransactionV0Envelope): TransactionV1Envelope {
  const same = new TransactionEntry({
    sourceAccount: MuxedAccount.keyTypeEd25519(tx.sourceAccountEd25519),
    fee: tx.fee,
    seqNum: tx.seqNum,
    cond: tx.timeBounds ? PreconditionsEntry.precondTime(tx.timeBounds) : PreconditionsEntry.precondNone(),
    memo: tx.memo,
    operations: tx.operations,
    ext: TransactionExt.v0(),
  });
  return new TransactionV1Envelope({ tx: same, signatures });
}
