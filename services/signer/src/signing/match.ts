import type { SignedAuthorization } from '@countersign/chains/stellar/decode';
import type { Transfer } from '@countersign/chains/transfer';
import { CountersignError } from '@countersign/contract/errors';
import { CustodyError } from '@countersign/custody/error';
import { checkedSignature } from '@countersign/custody/signature';
import { MismatchError, match as matchDeclared } from '@countersign/policy/match';
import type { Proposal, ProposedKey } from './proposal.ts';

/**
 * Stage 3. The transaction pays exactly what the request declares, and an envelope around an authorization is around one that was
 * signed here.
 *
 * @returns the transfers, in the order of the transaction.
 * @throws CountersignError TRANSACTION_MISMATCH.
 */
export function match(proposal: Proposal): readonly Transfer[] {
  const { key, purpose, transaction } = proposal;
  if (purpose === 'payout' && transaction.kind === 'stellar-invocation') demandOwn(key, transaction.authorization);
  try {
    return matchDeclared({ ...proposal, address: key.address });
  } catch (error) {
    throw error instanceof MismatchError ? mismatch(error.code, error.message) : error;
  }
}

/** An envelope is signed around what this key has authorized, and around nothing else. */
function demandOwn(key: ProposedKey, entry: SignedAuthorization): void {
  if (Buffer.compare(entry.publicKey, key.publicKey) !== 0) {
    throw mismatch(
      'AUTHORIZATION_NOT_OURS',
      `authorization: expected a signature of ${key.address}, got another key's`,
    );
  }
  try {
    checkedSignature('ed25519', key.publicKey, entry.hash, entry.signature);
  } catch (error) {
    if (!(error instanceof CustodyError)) throw error;
    throw mismatch('AUTHORIZATION_NOT_OURS', 'authorization: its signature is not valid for its content');
  }
}

/** The transaction is not what the request says of it. */
function mismatch(code: string, message: string): CountersignError {
  return new CountersignError('TRANSACTION_MISMATCH', message, { reasons: [{ code, message }] });
}
