import type { Payout } from '../payouts.ts';
import { tokenOf } from './draft.ts';
import type { Ending } from './end-payout.ts';
import type { EvmAttempt } from './nonces.ts';
import type { Receipt } from './rpc-answers.ts';
import { judgeTransfers } from './transfer-logs.ts';

/**
 * What became of a payout whose nonce a final transaction has used up. A token has paid when its log says so, once and exactly:
 * that the transaction succeeded says nothing about a token that refuses by its return value, or keeps a part.
 */
export function endingOf(
  treasury: string,
  { destination, amount, asset }: Pick<Payout, 'destination' | 'amount' | 'asset'>,
  { purpose, nonce }: Pick<EvmAttempt, 'purpose' | 'nonce'>,
  { hash, succeeded, blockNumber, logs }: Receipt,
): Ending {
  const ended = (to: 'failed' | 'indeterminate', code: string, detail: string): Ending => {
    return { to, hash, reason: { code, detail } };
  };
  if (purpose === 'cancel') {
    return ended('failed', 'NONCE_CANCELED', `nonce ${nonce} was used up by a cancel; nothing was paid`);
  }
  if (!succeeded) return ended('failed', 'EVM_REVERTED', 'the transfer was reverted; nothing was paid');
  const completed: Ending = {
    to: 'completed',
    hash,
    detail: { block: blockNumber.toString(), nonce: nonce.toString() },
  };
  const token = tokenOf({ asset });
  if (token === undefined) return completed;
  const verdict = judgeTransfers(logs, { token, from: treasury, to: destination, value: amount }, 'ours');
  switch (verdict.kind) {
    case 'exact':
      return completed;
    case 'missing':
      // Most likely it moved nothing; but a token that keeps its own books may have, and log none of it.
      return ended('indeterminate', 'TRANSFER_MISSING', 'the token logged no transfer from the treasury');
    case 'different': {
      const detail = `the token logged other transfers than ${amount} to ${destination}: ${verdict.found}`;
      return ended('indeterminate', 'TRANSFER_DIFFERS', detail);
    }
    default:
      return verdict satisfies never;
  }
}
