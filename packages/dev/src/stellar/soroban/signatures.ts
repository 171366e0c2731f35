import { createPublicKey, verify } from 'node:crypto';
import { ScVal } from '@stellar/stellar-sdk/xdr';
import { type Account, signersOf } from '../ledger/account.ts';
import { addressOfKey } from '../ledger/address.ts';
import { contractError, hostError } from './host-error.ts';
import { readBytes, structFields } from './values.ts';

const MAX_SIGNATURES = 20;
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Whether the signatures of an authorization are the account's, over that payload: a vector of `{public_key,
 * signature}`, ascending by key, all valid, all of signers of the account, together of its medium threshold
 * (soroban-env-host: account_contract.rs). Throws a HostError.
 */
export function checkAccountSignatures(account: Account, payload: Uint8Array, signatures: ScVal): void {
  if (signatures.type !== 'scvVec' || !signatures.vec)
    throw hostError.unexpectedType('expected a vector of signatures');
  const refuse = (message: string, ...values: ScVal[]) => contractError('AuthenticationError', message, ...values);
  const all = signatures.vec;
  if (all.length > MAX_SIGNATURES) throw refuse('too many account signers', ScVal.scvU32(all.length));
  if (all.length === 0) throw refuse('no account signatures found');
  let weight = 0;
  let previous: Uint8Array | undefined;
  for (const entry of all) {
    const fields = structFields(entry);
    const key = readBytes(fields.get('public_key'), 32);
    const signature = readBytes(fields.get('signature'), 64);
    if (previous && Buffer.compare(previous, key) >= 0) throw refuse('public keys are not ordered');
    if (!verifies(payload, key, signature)) throw hostError.badSignature('failed ED25519 verification');
    const signer = signersOf(account).find((known) => known.key === addressOfKey(key));
    if (!signer) throw refuse('signer does not belong to account', ScVal.scvBytes(key));
    weight += signer.weight;
    previous = key;
  }
  const needed = account.thresholds.medium;
  if (weight >= needed) return;
  throw refuse('signature weight is lower than threshold', ScVal.scvU32(weight), ScVal.scvU32(needed));
}

function verifies(payload: Uint8Array, key: Uint8Array, signature: Uint8Array): boolean {
  const publicKey = createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, key]), format: 'der', type: 'spki' });
  return verify(null, payload, publicKey, signature);
}
