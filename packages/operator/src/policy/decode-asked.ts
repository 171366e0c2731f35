import { decodeEvmTransaction } from '@countersign/chains/evm/decode';
import { decodeAuthorization, decodeStellarTransaction } from '@countersign/chains/stellar/decode';
import type { Question } from '@countersign/policy/decide';
import { UsageError } from '../command.ts';
import type { Asked } from './explain-request.ts';

const HEX = /^0x(?:[0-9a-fA-F]{2})+$/;

/**
 * Decodes what is asked about, as the signer does: hex with 0x is a transaction of the EVM, base64 one of Stellar.
 * @throws UsageError for text that is neither; TransactionError for what the signer does not sign, whatever policy says.
 */
export function decodeAsked({ text, kind, networkPassphrase }: Asked): Question['transaction'] {
  if (kind === 'transaction' && HEX.test(text)) {
    return decodeEvmTransaction(new Uint8Array(Buffer.from(text.slice(2), 'hex')));
  }
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  // Hex is of base64's letters, too.
  if (text.startsWith('0x') || Buffer.from(bytes).toString('base64') !== text) {
    throw new UsageError(`${kind}: expected base64${kind === 'transaction' ? ' (Stellar), or 0x and hex (EVM)' : ''}`);
  }
  if (networkPassphrase === undefined) throw new UsageError(`${kind}: needs the passphrase of its network (--network)`);
  return kind === 'transaction'
    ? decodeStellarTransaction(networkPassphrase, bytes)
    : decodeAuthorization(networkPassphrase, bytes);
}
