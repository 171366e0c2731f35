import type { SignTransactionResponse } from '@countersign/contract/signer';
import { xdr } from '@stellar/stellar-sdk/base';
import type { Attempt } from './attempts.ts';

/**
 * Whether what the signer returned is our transaction with one signature and nothing else. Whether the signature is right
 * is for the network to say.
 *
 * @returns what is wrong with it, or undefined.
 */
export function checkSigned(
  { unsigned, hash }: Pick<Attempt, 'unsigned' | 'hash'>,
  response: Pick<SignTransactionResponse, 'signedTransaction' | 'transactionHash'>,
): string | undefined {
  if (Buffer.from(response.transactionHash).toString('hex') !== hash) return 'another transaction hash';
  let envelope: xdr.TransactionEnvelope;
  try {
    envelope = xdr.TransactionEnvelope.fromXdr(response.signedTransaction);
  } catch {
    return 'not an envelope';
  }
  if (envelope.type !== 'envelopeTypeTx') return 'another type of envelope';
  const { tx, signatures } = envelope.v1;
  if (signatures.length !== 1) return `expected one signature, got ${signatures.length}`;
  const again = xdr.TransactionEnvelope.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx, signatures }));
  if (!same(again.toXdr(), response.signedTransaction)) return 'not the canonical encoding';
  const bare = xdr.TransactionEnvelope.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx, signatures: [] }));
  return same(bare.toXdr(), unsigned) ? undefined : 'another transaction';
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
