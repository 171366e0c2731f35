import { attachAuthorizationSignature } from '@countersign/chains/stellar/attach';
import type { SignTransactionResponse } from '@countersign/contract/signer';
import { xdr } from '@stellar/stellar-sdk/base';
import type { Authorization } from './authorizations.ts';

/**
 * Whether what the signer returned is our authorization entry with one signature and nothing else. Whether the signature is
 * right is for the network to say.
 *
 * @returns what is wrong with it, or undefined.
 */
export function checkAuthorization(
  { unsigned, hash }: Pick<Authorization, 'unsigned' | 'hash'>,
  response: Pick<SignTransactionResponse, 'signedTransaction' | 'transactionHash' | 'signature'>,
): string | undefined {
  if (Buffer.from(response.transactionHash).toString('hex') !== hash) return 'another hash';
  const publicKey = publicKeyIn(response.signedTransaction);
  if (publicKey === undefined) return 'not an authorization entry with one signature';
  try {
    const expected = attachAuthorizationSignature(unsigned, publicKey, response.signature);
    return Buffer.compare(expected, response.signedTransaction) === 0 ? undefined : 'another authorization entry';
  } catch {
    return 'not a signature';
  }
}

function publicKeyIn(entry: Uint8Array): Uint8Array | undefined {
  let credentials: xdr.SorobanCredentials;
  try {
    ({ credentials } = xdr.SorobanAuthorizationEntry.fromXdr(entry));
  } catch {
    return undefined;
  }
  if (credentials.type !== 'sorobanCredentialsAddress') return undefined;
  const { signature } = credentials.address;
  const [map] = signature.type === 'scvVec' ? (signature.vec ?? []) : [];
  const [first] = map?.type === 'scvMap' ? (map.map ?? []) : [];
  return first?.val.type === 'scvBytes' ? first.val.bytes.value : undefined;
}
