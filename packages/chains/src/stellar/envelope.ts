import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { xdr } from '@stellar/stellar-sdk/base';
import { copyTransaction, sameBytes } from '../check.ts';
import { TransactionError, type TransactionErrorCode } from '../error.ts';

// 100 classic operations take about 15 KiB.
const MAX_ENVELOPE = 32 * 1024;
const ENVELOPE_TYPE_TX = 2;
const REFUSED_TYPES = new Map<number, [TransactionErrorCode, string]>([
  [0, ['V0_ENVELOPE', 'expected a V1 envelope, got V0']],
  [5, ['FEE_BUMP_ENVELOPE', 'expected a V1 envelope, got a fee bump']],
]);

/** An envelope that passed `readUnsignedEnvelope`. `bytes` is a copy of its own. */
interface UnsignedEnvelope {
  readonly bytes: Uint8Array;
  readonly transaction: xdr.Transaction;
}

/** Reads a V1 TransactionEnvelope (Stellar-transaction.x) in its one canonical encoding, with no signature attached. */
export function readUnsignedEnvelope(envelope: Uint8Array): UnsignedEnvelope {
  const { bytes, v1 } = unsignedEnvelope(envelope);
  if (!sameBytes(envelopeBytes(v1), bytes)) {
    throw new TransactionError('NOT_CANONICAL', 'transaction', 'encoding it again gives other bytes');
  }
  return { bytes, transaction: v1.tx };
}

export function envelopeBytes(v1: xdr.TransactionV1Envelope): Uint8Array {
  return xdr.TransactionEnvelope.envelopeTypeTx(v1).toXdr();
}

/** An unsigned V1 envelope up to the count of its signatures: the four zero bytes that it ends with. */
export function withoutSignatureCount(envelope: Uint8Array): Uint8Array {
  return unsignedEnvelope(envelope).bytes.subarray(0, -4);
}

function unsignedEnvelope(envelope: Uint8Array) {
  const bytes = copyTransaction(envelope, MAX_ENVELOPE);
  checkType(bytes);
  const v1 = parse(bytes);
  if (v1.signatures.length > 0) {
    const message = `expected no signatures, got ${v1.signatures.length}`;
    throw new TransactionError('ALREADY_SIGNED', 'transaction.signatures', message);
  }
  return { bytes, v1 };
}

/** SHA-256 over TransactionSignaturePayload: network id, ENVELOPE_TYPE_TX, transaction. */
export function transactionHash(networkPassphrase: string, unsigned: Uint8Array): Uint8Array {
  // An unsigned V1 envelope is that same tag and transaction, then four zero bytes: the count of its signatures.
  return sha256(concatBytes(sha256(utf8ToBytes(networkPassphrase)), unsigned.subarray(0, -4)));
}

function checkType(bytes: Uint8Array): void {
  if (bytes.length < 4) throw new TransactionError('MALFORMED_TRANSACTION', 'transaction', 'expected an envelope');
  const type = new DataView(bytes.buffer).getUint32(0);
  if (type === ENVELOPE_TYPE_TX) return;
  const [code, message] = REFUSED_TYPES.get(type) ?? [
    'UNKNOWN_ENVELOPE_TYPE',
    `expected a V1 envelope (type 2), got type ${type}`,
  ];
  throw new TransactionError(code, 'transaction', message);
}

function parse(bytes: Uint8Array): xdr.TransactionV1Envelope {
  try {
    return xdr.TransactionV1Envelope.fromXdr(bytes.subarray(4));
  } catch (cause) {
    throw new TransactionError('MALFORMED_TRANSACTION', 'transaction', 'not the XDR of a V1 envelope', { cause });
  }
}
