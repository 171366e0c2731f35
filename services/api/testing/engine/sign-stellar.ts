import type { ChainId } from '@countersign/chains/caip';
import { attachAuthorizationSignature, attachStellarSignature } from '@countersign/chains/stellar/attach';
import {
  decodeAuthorization,
  decodeStellarTransaction,
  type SignedAuthorization,
  type StellarTransaction,
} from '@countersign/chains/stellar/decode';
import { authorizationLaneId, authorizationNonce, laneOf, stellarLaneId } from '@countersign/chains/stellar/lane';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import { Keypair } from '@stellar/stellar-sdk/base';
import type { LaneBook } from './lane-book.ts';

/** What an authorization says, signed or not. */
type AuthorizedContent = Omit<SignedAuthorization, 'publicKey' | 'signature'>;

/** Signs with a Stellar seed (S…) what the lanes allow. */
export function createStellarSigning(seed: string, book: LaneBook) {
  const key = Keypair.fromSecret(seed);

  const bindPayments = (request: SignTransactionRequest, transaction: StellarTransaction) => {
    const { chain, source, sequence, operations } = transaction;
    const closing = operations.at(-1);
    const lane = laneOf(sequence);
    if (closing?.type !== 'bumpSequence' || closing.bumpTo !== lane.end) throw new Error('the lane is not closed');
    book.bind(request, stellarLaneId(chain, source, lane), false);
  };

  /** The lane of a contract call is the payout's one authorization, in whichever envelope: never two of other content. */
  const bindAuthorization = (request: SignTransactionRequest, chain: ChainId, authorization: AuthorizedContent) => {
    const [payout, ...more] = request.payouts;
    const { account, nonce, hash, transfer } = authorization;
    if (payout === undefined || more.length > 0) throw new Error('expected one payout');
    if (nonce !== authorizationNonce(payout.payoutId)) throw new Error('not the nonce of the payout');
    if (account !== key.publicKey()) throw new Error('not the account of the key');
    const { destination, amount } = transfer;
    if (destination !== payout.destination || amount.toString() !== payout.amount) throw new Error('not the transfer');
    book.bindContent(request, authorizationLaneId(chain, account, nonce), hash);
  };

  return {
    envelope: (request: SignTransactionRequest, networkPassphrase: string, unsigned: Uint8Array) => {
      const transaction = decodeStellarTransaction(networkPassphrase, unsigned);
      if (transaction.kind === 'stellar') bindPayments(request, transaction);
      else bindAuthorization(request, transaction.chain, transaction.authorization);
      const signature = key.sign(Buffer.from(transaction.hash));
      const signedTransaction = attachStellarSignature(unsigned, key.rawPublicKey(), signature);
      return { signature, signedTransaction, transactionHash: transaction.hash };
    },
    authorization: (request: SignTransactionRequest, networkPassphrase: string, entry: Uint8Array) => {
      const authorization = decodeAuthorization(networkPassphrase, entry);
      bindAuthorization(request, authorization.chain, authorization);
      const signature = key.sign(Buffer.from(authorization.hash));
      const signedTransaction = attachAuthorizationSignature(entry, key.rawPublicKey(), signature);
      return { signature, signedTransaction, transactionHash: authorization.hash };
    },
  };
}
