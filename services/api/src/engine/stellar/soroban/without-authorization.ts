import { xdr } from '@stellar/stellar-sdk/base';

/** The same unsigned envelope without authorization entries: a simulation of it tells which ones its call asks for. */
export function withoutAuthorization(envelope: Uint8Array): Uint8Array {
  const read = xdr.TransactionEnvelope.fromXdr(envelope);
  if (read.type !== 'envelopeTypeTx') throw new Error(`expected a V1 envelope, got ${read.type}`);
  const { tx } = read.v1;
  const operations = tx.operations.map(({ sourceAccount, body }) => {
    if (body.type !== 'invokeHostFunction') throw new Error(`expected the call of a contract, got ${body.type}`);
    const { hostFunction } = body.value;
    const bare = new xdr.InvokeHostFunctionOp({ hostFunction, auth: [] });
    return new xdr.Operation({ sourceAccount, body: xdr.OperationBody.invokeHostFunction(bare) });
  });
  const { sourceAccount, fee, seqNum, cond, memo, ext } = tx;
  const bare = new xdr.Transaction({ sourceAccount, fee, seqNum, cond, memo, operations, ext });
  return xdr.TransactionEnvelope.envelopeTypeTx(new xdr.TransactionV1Envelope({ tx: bare, signatures: [] })).toXdr();
}
