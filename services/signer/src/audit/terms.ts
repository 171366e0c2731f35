import type { JsonObject } from '@countersign/audit/event';
import type { StellarAuthorization } from '@countersign/chains/stellar/decode';
import type { ProposedTransaction } from '../signing/proposal.ts';

/** What a transaction offers and how long it may be included: all that an investigator would else decode again. Numbers as text. */
export function termsOf(transaction: ProposedTransaction): JsonObject {
  switch (transaction.kind) {
    case 'stellar':
      return envelope(transaction);
    case 'stellar-authorization':
      return authorization(transaction);
    case 'stellar-invocation': {
      const { resourceFee } = transaction.resources;
      return { ...envelope(transaction), resourceFee: `${resourceFee}`, ...authorization(transaction.authorization) };
    }
    case 'evm': {
      const { nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = transaction;
      return {
        nonce: `${nonce}`,
        gasLimit: `${gasLimit}`,
        maxFeePerGas: `${maxFeePerGas}`,
        maxPriorityFeePerGas: `${maxPriorityFeePerGas}`,
      };
    }
    default:
      return transaction satisfies never;
  }
}

type Envelope = Pick<
  Extract<ProposedTransaction, { readonly maxTime: bigint }>,
  'source' | 'sequence' | 'fee' | 'maxTime'
>;

function envelope({ source, sequence, fee, maxTime }: Envelope): JsonObject {
  return { channel: source, sequence: `${sequence}`, fee: `${fee}`, maxTime: `${maxTime}` };
}

function authorization({
  transfer,
  expirationLedger,
}: Pick<StellarAuthorization, 'transfer' | 'expirationLedger'>): JsonObject {
  return { contract: transfer.contract, expirationLedger: `${expirationLedger}` };
}
