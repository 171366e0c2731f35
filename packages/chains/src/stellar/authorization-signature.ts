import { xdr } from '@stellar/stellar-sdk/base';
import { spells } from '../check.ts';
import { TransactionError } from '../error.ts';

/** One Ed25519 signature of an account: a key of 32 bytes, 64 of signature. */
export interface AccountSignature {
  readonly publicKey: Uint8Array;
  readonly signature: Uint8Array;
}

/** The value that an account's signature has in its credentials: a vector of maps, here of one. */
export function readSignature({ publicKey, signature }: AccountSignature): xdr.ScVal {
  return xdr.ScVal.scvVec([
    xdr.ScVal.scvMap([
      // The network wants the keys of a map in order.
      new xdr.ScMapEntry({ key: xdr.ScVal.scvSymbol('public_key'), val: xdr.ScVal.scvBytes(publicKey) }),
      new xdr.ScMapEntry({ key: xdr.ScVal.scvSymbol('signature'), val: xdr.ScVal.scvBytes(signature) }),
    ]),
  ]);
}

/** The one signature in the credentials of an entry. Whose it is and whether it is right, is not checked here. */
export function writeSignature(field: string, value: xdr.ScVal): AccountSignature {
  if (value.type === 'scvVoid') throw new TransactionError('NOT_SIGNED', field, 'expected a signature, got none');
  const [map, ...others] = value.type === 'scvVec' ? (value.vec ?? []) : [];
  const [first, second, ...more] = map?.type === 'scvMap' ? (map.map ?? []) : [];
  const publicKey = first && bytesOf(first, 'public_key', 32);
  const signature = second && bytesOf(second, 'signature', 64);
  if (publicKey === undefined || signature === undefined || others.length > 0 || more.length > 0) {
    const message = 'expected one {public_key, signature}, of 32 and 64 bytes';
    throw new TransactionError('UNSUPPORTED_SIGNATURE', field, message);
  }
  return { publicKey, signature };
}

function bytesOf({ key, val }: xdr.ScMapEntry, name: string, length: number): Uint8Array | undefined {
  const named = key.type === 'scvSymbol' && spells(key.sym.bytes, name);
  return named && val.type === 'scvBytes' && val.bytes.value.length === length ? val.bytes.value : undefined;
}
