import type { Ledger, Submission } from '../../ledger/ledger.ts';
import type { Faults } from '../faults.ts';
import type { Params } from '../json-rpc.ts';
import { bytesOf, checkFormat, invalidParams } from './params.ts';

export function sendTransaction(ledger: Ledger, faults: Faults, params: Params, now: bigint) {
  checkFormat(params);
  const { transaction } = params;
  const envelope = bytesOf(transaction);
  if (!envelope) throw invalidParams('invalid_xdr');
  const latest = ledger.latest();
  const answer = submit(ledger, faults, envelope, now);
  if (answer.status === 'MALFORMED') throw invalidParams('invalid_xdr');
  return {
    ...(answer.status === 'ERROR' ? { errorResultXdr: answer.result.toXdr('base64') } : {}),
    status: answer.status,
    hash: answer.hash,
    latestLedger: latest.sequence,
    latestLedgerCloseTime: `${latest.closeTime}`,
  };
}

function submit(ledger: Ledger, faults: Faults, envelope: Uint8Array, now: bigint): Submission {
  const fault = faults.takeSubmission();
  switch (fault?.kind) {
    case undefined:
      return ledger.submit(envelope, now);
    case 'lose':
      return ledger.check(envelope, now);
    case 'hold':
      return ledger.submit(envelope, now, fault.ledgers === 'forever' ? Number.POSITIVE_INFINITY : fault.ledgers);
  }
}
