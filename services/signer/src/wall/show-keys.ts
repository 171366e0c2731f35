import { create } from '@bufbuild/protobuf';
import { evmAddress } from '@countersign/chains/evm/address';
import { stellarAddress } from '@countersign/chains/stellar/attach';
import { CountersignError } from '@countersign/contract/errors';
import { Algorithm, CustodyPath, type Key, KeySchema } from '@countersign/contract/signer';
import type { RegisteredKey } from '@countersign/custody/registry';
import type { SignerContext } from '../context.ts';
import { signingPath } from '../signing/sign.ts';

/**
 * The keys that the caller may use for anything, by id; the public parts alone.
 *
 * @throws CountersignError KEY_NOT_FOUND where there is none: whom no policy names is refused, and such refusals have a budget.
 */
export function listKeys(context: SignerContext, caller: string): Key[] {
  const keys = keysOf(context, caller);
  if (keys.length === 0) throw new CountersignError('KEY_NOT_FOUND', 'no key is for this caller');
  return keys.sort((a, b) => (a.id < b.id ? -1 : 1)).map((key) => publicPart(context, key));
}

/** @throws CountersignError KEY_NOT_FOUND, also for a key that is there but not for this caller. */
export function getKey(context: SignerContext, caller: string, keyId: string): Key {
  const key = keysOf(context, caller).find(({ id }) => id === keyId);
  if (key === undefined) throw new CountersignError('KEY_NOT_FOUND', 'key_id: no such key for this caller');
  return publicPart(context, key);
}

function keysOf(context: SignerContext, caller: string): RegisteredKey[] {
  const { policy } = context.policy.inForce();
  return [...context.keys.values()].filter(({ id }) => policy.keys.get(id)?.callers.has(caller));
}

function publicPart({ paths }: SignerContext, { id, algorithm, publicKey }: RegisteredKey): Key {
  const ed25519 = algorithm === 'ed25519';
  return create(KeySchema, {
    keyId: id,
    algorithm: ed25519 ? Algorithm.ED25519 : Algorithm.SECP256K1,
    publicKey,
    address: ed25519 ? stellarAddress(publicKey) : evmAddress(publicKey),
    custodyPath: signingPath(paths, id) === 'kms' ? CustodyPath.KMS : CustodyPath.LEGACY,
  });
}
