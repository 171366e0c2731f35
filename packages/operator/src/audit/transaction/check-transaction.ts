import { decodeAuthorization } from './contract-call.ts';
import { decodeEvm } from './decode-evm.ts';
import { decodeEnvelope } from './decode-stellar.ts';
import {
  type DecodedTransaction,
  type DecodedTransfer,
  DecodeError,
  readIntent,
  type SignedIntent,
} from './signed-intent.ts';

/**
 * Whether the unsigned bytes of a `ReserveSignature` event are what it says of them, in the eyes of other decoders than the
 * signer's: the payouts exactly, the network, the lane, and the hash that was signed.
 *
 * @param requestParameters of the event.
 * @returns the problem, or undefined where there is none.
 */
export function checkTransaction(requestParameters: unknown): string | undefined {
  try {
    const intent = readIntent(requestParameters);
    const decoded = decode(intent);
    const told = [
      ['network', intent.network, decoded.network],
      ['signingHash', intent.signingHash, decoded.signingHash],
      ['lane', intent.lane, decoded.lane],
      ['payouts', listed(intent.payouts), listed(decoded.transfers)],
    ];
    const [differs] = told.filter(([, says, is]) => says !== is);
    return differs && `${differs[0]}: the event says ${differs[1]}, the transaction ${differs[2]}`;
  } catch (error) {
    if (error instanceof DecodeError) return `unsignedTransaction: ${error.message}`;
    throw error;
  }
}

function decode(intent: SignedIntent): DecodedTransaction {
  const bytes = Buffer.from(intent.unsignedTransaction, 'base64');
  if (intent.transactionKind === 'evm') return decodeEvm(intent, bytes);
  const { networkPassphrase } = intent;
  if (networkPassphrase === undefined) throw new DecodeError('networkPassphrase: expected one');
  return intent.transactionKind === 'stellar'
    ? decodeEnvelope(intent, bytes, networkPassphrase)
    : decodeAuthorization(intent, bytes, networkPassphrase);
}

/** Transfers as a multiset, in words. */
function listed(transfers: readonly DecodedTransfer[]): string {
  const words = transfers.map(
    ({ destination, asset, amount, memo }) =>
      `${amount} of ${asset} to ${destination}${memo === undefined ? '' : ` with memo ${JSON.stringify(memo)}`}`,
  );
  return words.length === 0 ? 'nothing' : words.toSorted().join(', ');
}
