import { xdr } from '@stellar/stellar-sdk/base';

export type TransactionFields = ConstructorParameters<typeof xdr.Transaction>[0];

/** The transaction inside an unsigned V1 envelope. */
export function transactionIn(envelope: Uint8Array): xdr.Transaction {
  return xdr.TransactionV1Envelope.fromXdr(envelope.subarray(4)).tx;
}

/** The envelope with fields of its transaction replaced, as the ledger would read it. */
export function reshaped(envelope: Uint8Array, change: Partial<TransactionFields>): Uint8Array {
  return envelopeOf(new xdr.Transaction({ ...transactionIn(envelope), ...change }));
}

export function envelopeOf(tx: xdr.Transaction, signatures: xdr.DecoratedSignature[] = []): Uint8Array {
  return xdr.TransactionEnvelope.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx, signatures })).toXdr();
}

/** Bytes with a part of them replaced; both are written in hex, and the first must be there exactly once. */
export function patched(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const hex = Buffer.from(bytes).toString('hex');
  if (hex.split(from).length !== 2) throw new Error(`expected ${from} exactly once in ${hex}`);
  return new Uint8Array(Buffer.from(hex.replace(from, to), 'hex'));
}

export function hex(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString('hex');
}

/** An account as the source or destination of an operation. */
export function account(publicKey: Uint8Array): xdr.MuxedAccount {
  return xdr.MuxedAccount.keyTypeEd25519(publicKey);
}

/** The same account under a number of its own (CAP-27). */
export function muxed(ed25519: Uint8Array, id = 7n): xdr.MuxedAccount {
  return xdr.MuxedAccount.keyTypeMuxedEd25519(new xdr.MuxedAccountMed25519({ id, ed25519 }));
}

export function bump(bumpTo: bigint, sourceAccount: xdr.MuxedAccount | null = null): xdr.Operation {
  return new xdr.Operation({
    sourceAccount,
    body: xdr.OperationBody.bumpSequence(new xdr.BumpSequenceOp({ bumpTo })),
  });
}

type PaymentFields = ConstructorParameters<typeof xdr.PaymentOp>[0];

/** The operation, which must be a payment, with fields of it replaced. */
export function repaid(operation: xdr.Operation | undefined, change: Partial<PaymentFields>): xdr.Operation {
  if (operation?.body.type !== 'payment') throw new Error(`expected a payment, got ${operation?.body.type}`);
  const { sourceAccount, body } = operation;
  return new xdr.Operation({
    sourceAccount,
    body: xdr.OperationBody.payment(new xdr.PaymentOp({ ...body.paymentOp, ...change })),
  });
}

/** Time bounds, as the only precondition. */
export function between(minTime: bigint, maxTime: bigint): xdr.Preconditions {
  return xdr.Preconditions.precondTime(new xdr.TimeBounds({ minTime, maxTime }));
}
