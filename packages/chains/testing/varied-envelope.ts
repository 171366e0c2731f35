import { xdr } from '@stellar/stellar-sdk/base';
import { buildStellarPayout } from '../src/stellar/build.ts';
import { payoutOf } from './stellar.ts';

/** A good payout, which traps vary. */
export const { envelope } = buildStellarPayout(payoutOf({ memo: { type: 'text', value: 'hello' } }));
export const base = xdr.TransactionV1Envelope.fromXdr(envelope.subarray(4)).tx;

type Fields = ConstructorParameters<typeof xdr.Transaction>[0];

export function signed(tx: xdr.Transaction, count: number): xdr.TransactionEnvelope {
  const signature = new xdr.DecoratedSignature({ hint: new Uint8Array(4), signature: new Uint8Array(64) });
  return xdr.TransactionEnvelope.envelopeTypeTx(
    new xdr.TransactionV1Envelope({ tx, signatures: new Array(count).fill(signature) }),
  );
}

export function withFields(changes: Partial<Fields>): Uint8Array {
  return signed(new xdr.Transaction({ ...base, ...changes }), 0).toXdr();
}

export function operation(body: xdr.OperationBody, sourceAccount: xdr.MuxedAccount | null = null): xdr.Operation {
  return new xdr.Operation({ sourceAccount, body });
}

export function payment(changes: Partial<ConstructorParameters<typeof xdr.PaymentOp>[0]>): xdr.OperationBody {
  const asset = xdr.Asset.assetTypeNative();
  return xdr.OperationBody.payment(new xdr.PaymentOp({ destination: plain, asset, amount: 1n, ...changes }));
}

export const plain = xdr.MuxedAccount.keyTypeEd25519(new Uint8Array(32).fill(1));

const issuer = xdr.PublicKey.publicKeyTypeEd25519(new Uint8Array(32).fill(5));

/** An asset with these bytes for its code: 4 of them, or 12. */
export function issued(code: string): xdr.Asset {
  const assetCode = new Uint8Array(Buffer.from(code, 'latin1'));
  return assetCode.length === 4
    ? xdr.Asset.assetTypeCreditAlphanum4(new xdr.AlphaNum4({ assetCode, issuer }))
    : xdr.Asset.assetTypeCreditAlphanum12(new xdr.AlphaNum12({ assetCode, issuer }));
}

export const many = new Array<xdr.Operation>(99).fill(operation(payment({})));
/** With this operation in the place of one of 99 payments. */
export const hidden = (body: xdr.OperationBody) => withFields({ operations: many.with(57, operation(body)) });
