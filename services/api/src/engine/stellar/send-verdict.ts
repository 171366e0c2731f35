import type { PayoutReason } from '../move-payouts.ts';
import type { OperationFault } from './result.ts';
import { readResult } from './result.ts';
import type { SendAnswer } from './rpc.ts';

/** What the node's answer to a submission means for the transaction. */
export type SendVerdict =
  /** The network has it. */
  | { readonly kind: 'accepted' }
  /** Nothing is decided: look it up, send the same bytes again. */
  | { readonly kind: 'again'; readonly reason: PayoutReason }
  /** Its number seems used: look up everything that we ever signed for it. */
  | { readonly kind: 'number-used'; readonly reason: PayoutReason }
  /** It will not get in as it is; another one takes its number once it has provably expired. */
  | { readonly kind: 'hopeless'; readonly reason: PayoutReason; readonly faults: readonly OperationFault[] }
  /** A mistake of ours or in the set-up. */
  | { readonly kind: 'quarantine'; readonly reason: PayoutReason };

type Handling = Exclude<SendVerdict['kind'], 'accepted'>;

const HANDLING: Readonly<Record<string, Handling>> = {
  TX_TOO_EARLY: 'again',
  TX_INTERNAL_ERROR: 'again',
  TX_BAD_SEQ: 'number-used',
  TX_TOO_LATE: 'hopeless',
  TX_INSUFFICIENT_FEE: 'hopeless',
  TX_INSUFFICIENT_BALANCE: 'hopeless',
  TX_FROZEN_KEY_ACCESSED: 'hopeless',
  TX_SOROBAN_INVALID: 'hopeless',
  TX_FAILED: 'hopeless',
};

const DETAIL: Readonly<Record<string, string>> = {
  TX_TOO_LATE: 'the transaction expired before it was included',
  TX_INSUFFICIENT_FEE: 'the network asks for a higher fee',
  TX_INSUFFICIENT_BALANCE: 'the channel account cannot pay the fee',
  TX_FROZEN_KEY_ACCESSED: 'the network has frozen an account of the transaction',
  TX_SOROBAN_INVALID: 'the node refuses what the contract call declares',
  TX_FAILED: 'the node refused it before the ledger',
};

/** Reads an answer of `sendTransaction`. A failure told here happened before the ledger: it spends nothing. */
export function readSendAnswer(answer: SendAnswer): SendVerdict {
  switch (answer.status) {
    case 'PENDING':
    case 'DUPLICATE':
      return { kind: 'accepted' };
    case 'TRY_AGAIN_LATER':
      return { kind: 'again', reason: { code: 'TRY_AGAIN_LATER', detail: 'the node asks to send it again later' } };
    case 'ERROR':
      break;
    default:
      answer satisfies never;
  }
  if (answer.result === undefined) {
    return { kind: 'again', reason: { code: 'CHAIN_UNCLEAR', detail: 'the node refused it without a result' } };
  }
  const reading = readResult(answer.result);
  // Not an error at all: the look-up will tell.
  if (reading.kind === 'success') {
    return { kind: 'again', reason: { code: 'CHAIN_UNCLEAR', detail: 'the node calls a success an error' } };
  }
  const faults = reading.kind === 'failed' ? reading.faults : [];
  const broken = faults.find(({ blame }) => blame === 'setup');
  const code = broken?.code ?? reading.code;
  const kind = HANDLING[code] ?? 'quarantine';
  const reason = { code, detail: DETAIL[code] ?? 'the node refused the transaction' };
  return kind === 'hopeless' ? { kind, reason, faults } : { kind, reason };
}
