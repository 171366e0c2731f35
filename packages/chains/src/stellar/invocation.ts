import type { xdr } from '@stellar/stellar-sdk/base';
import { type ChainId, stellarChainId } from '../caip.ts';
import { sameBytes } from '../check.ts';
import { TransactionError } from '../error.ts';
import { type AuthorizedTransfer, addressCredentials, authorizedCall, writeAuthorization } from './authorization.ts';
import { type AccountSignature, writeSignature } from './authorization-signature.ts';
import { type SorobanResources, writeResources } from './resources.ts';

/** A signed authorization: what it allows, and the one signature in its credentials. */
export type SignedAuthorization = AuthorizedTransfer & AccountSignature;

/**
 * What the one operation of an invocation does: it calls exactly the transfer that its one entry authorizes. The operation
 * names no source, and the transaction carries no memo, which no contract would see.
 */
export function writeInvocation(
  networkPassphrase: string,
  transaction: xdr.Transaction,
  operation: xdr.Operation,
  { hostFunction, auth }: xdr.InvokeHostFunctionOp,
): { authorization: SignedAuthorization; resources: SorobanResources } {
  const chain = stellarChainId(networkPassphrase);
  if (operation.sourceAccount !== null) {
    throw new TransactionError('OPERATION_SOURCE_NOT_SUPPORTED', 'operations[0].source', 'expected none');
  }
  if (transaction.memo.type !== 'memoNone') {
    throw new TransactionError('MEMO_NOT_SUPPORTED', 'memo', 'expected no memo on an invocation');
  }
  if (hostFunction.type !== 'hostFunctionTypeInvokeContract') {
    const message = `expected the call of a contract, got ${hostFunction.type}`;
    throw new TransactionError('UNSUPPORTED_HOST_FUNCTION', 'operations[0].hostFunction', message);
  }
  const entry = onlyEntry(auth);
  const authorization = writeAuthorization('operations[0].auth[0]', networkPassphrase, entry);
  if (
    !sameBytes(
      hostFunction.invokeContract.toXdr(),
      authorizedCall('operations[0].auth[0]', entry.rootInvocation).toXdr(),
    )
  ) {
    throw new TransactionError(
      'INVOCATION_DIFFERS',
      'operations[0].hostFunction',
      'expected the call that is authorized',
    );
  }
  const { signature } = addressCredentials('operations[0].auth[0]', entry);
  return {
    authorization: { ...authorization, ...writeSignature('operations[0].auth[0].credentials.signature', signature) },
    resources: declaredResources(chain, transaction),
  };
}

function onlyEntry(auth: readonly xdr.SorobanAuthorizationEntry[]): xdr.SorobanAuthorizationEntry {
  const [entry, ...more] = auth;
  if (entry !== undefined && more.length === 0) return entry;
  throw new TransactionError('AUTHORIZATION_COUNT', 'operations[0].auth', `expected 1 entry, got ${auth.length}`);
}

function declaredResources(chain: ChainId, { ext, fee }: xdr.Transaction): SorobanResources {
  if (ext.type === 'sorobanData') return writeResources('sorobanData', chain, BigInt(fee), ext.sorobanData);
  throw new TransactionError(
    'SOROBAN_DATA_MISSING',
    'sorobanData',
    'expected the resources of the invocation, got none',
  );
}
