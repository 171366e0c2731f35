import { attachEvmSignature } from '@countersign/chains/evm/attach';
import { attachAuthorizationSignature, attachStellarSignature } from '@countersign/chains/stellar/attach';
import { CountersignError } from '@countersign/contract/errors';
import { CustodyError } from '@countersign/custody/error';
import { checkedSignature } from '@countersign/custody/signature';
import { type Proposal, signingHash } from './proposal.ts';
import type { Recorded } from './recorded.ts';

/**
 * Stage 7. Trusts no backend: the signature is verified against the pinned public key before it is attached.
 *
 * @param raw what the backend answered: Ed25519 64 bytes, secp256k1 DER.
 * @throws CountersignError SIGNATURE_INVALID.
 */
export function verify(proposal: Proposal, raw: Uint8Array): Omit<Recorded, 'custodyPath'> {
  const { key, transaction, unsigned } = proposal;
  const signature = checked(() => checkedSignature(key.algorithm, key.publicKey, signingHash(proposal), raw));
  if (transaction.kind === 'evm') {
    const { signed, hash } = attachEvmSignature(unsigned, signature);
    return { signature, signedTransaction: signed, transactionHash: hash };
  }
  const attach = transaction.kind === 'stellar-authorization' ? attachAuthorizationSignature : attachStellarSignature;
  const signedTransaction = attach(unsigned, key.publicKey, signature);
  return { signature, signedTransaction, transactionHash: transaction.hash };
}

function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (!(cause instanceof CustodyError)) throw cause;
    throw new CountersignError(
      'SIGNATURE_INVALID',
      'the backend gave a signature that is not valid for the pinned key',
      {
        cause,
      },
    );
  }
}
