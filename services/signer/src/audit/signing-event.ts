import { createHash, randomUUID } from 'node:crypto';
import type { AuditEvent } from '@countersign/audit/event';
import { memoText } from '@countersign/chains/transfer';
import type { CountersignError } from '@countersign/contract/errors';
import type { Attempt } from '@countersign/custody/backend';
import { CustodyError } from '@countersign/custody/error';
import { laneFor } from '../reservation/lane.ts';
import { payerOf } from '../signing/approvers.ts';
import type { Decided } from '../signing/decide-by-policy.ts';
import type { Findings } from '../signing/findings.ts';
import { outcomeOf } from '../signing/outcome.ts';
import { type Proposal, signingHash } from '../signing/proposal.ts';
import type { RawSignature } from '../signing/sign.ts';
import { attemptData } from './attempt-data.ts';
import { shown } from './shown.ts';
import { termsOf } from './terms.ts';

const MAX_TEXT = 500;

/**
 * The event of a request to sign, in CloudTrail's field names, with what CloudTrail's own record of kms:Sign lacks: the
 * decoded payouts, the hashes of transaction and signature, the policy in force, and each backend request id to join on.
 * `ReserveSignature` is the intent, with the unsigned bytes themselves; `SignTransaction` the end, whichever it is. Both carry
 * the request id.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export function signingEvent(
  { request, call, at, policyDigest, results, timings }: Findings,
  refusal?: CountersignError,
): AuditEvent {
  const signed = refusal === undefined ? (results.record ?? results.reserve) : undefined;
  const proposal = results.decode;
  const intent = signed === undefined && refusal === undefined;
  return {
    eventVersion: '1.0',
    eventID: randomUUID(),
    eventTime: at.toISOString(),
    eventSource: 'signer.countersign',
    eventName: intent ? 'ReserveSignature' : 'SignTransaction',
    eventType: 'SignerCall',
    userIdentity:
      results.authenticate === undefined
        ? { type: 'Anonymous', principalId: 'unknown' }
        : { type: 'SpiffeId', principalId: results.authenticate },
    sourceIPAddress: call.peer,
    userAgent: shown(call.userAgent),
    requestID: shown(request.requestId),
    requestParameters: {
      keyId: shown(request.keyId),
      transactionKind: request.transaction.case ?? 'none',
      ...(proposal === undefined ? {} : proposed(proposal, results.decide)),
      ...(intent && proposal !== undefined ? unsigned(proposal) : {}),
    },
    responseElements:
      signed === undefined
        ? null
        : {
            transactionHash: hex(signed.transactionHash),
            signatureSha256: sha256(signed.signature),
            custodyPath: signed.custodyPath,
            replayed: results.record === undefined,
          },
    ...(refusal === undefined ? {} : { errorCode: refusal.code, errorMessage: shown(refusal.message, MAX_TEXT) }),
    readOnly: false,
    resources: proposal === undefined ? [] : [{ type: 'Countersign::Key', id: proposal.key.id }],
    additionalEventData: {
      outcome: intent ? 'reserved' : refusal === undefined ? 'succeeded' : outcomeOf(refusal),
      reasons: (refusal?.reasons ?? []).map(({ code, message }) => ({ code, message: shown(message, MAX_TEXT) })),
      policyDigest,
      backendAttempts: attemptsOf(results.sign, refusal).map(attemptData),
      stageMicroseconds: Object.fromEntries(
        Object.entries(timings).map(([stage, ms]) => [stage, Math.round(ms * 1000)]),
      ),
    },
  };
}

/** The calls to a key backend: behind the answer of one, or behind the error that the request ended in. */
export function attemptsOf(
  answer: RawSignature | undefined,
  refusal: CountersignError | undefined,
): readonly Attempt[] {
  if (answer !== undefined) return answer.attempts;
  return refusal?.cause instanceof CustodyError ? refusal.cause.attempts : [];
}

/** @param decided once policy has allowed the proposal. */
function proposed(proposal: Proposal, decided: Decided | undefined) {
  const { purpose, payouts, transaction, key } = proposal;
  return {
    purpose,
    network: transaction.chain,
    // The one that pays: on Stellar a key can sign for an account of another name.
    account: decided === undefined ? key.address : payerOf(decided.policy, proposal).account,
    lane: laneFor(proposal).id,
    signingHash: hex(signingHash(proposal)),
    transaction: termsOf(transaction),
    payouts: payouts.map(({ payoutId, destination, asset, amount, memo }) => ({
      payoutId,
      destination,
      asset,
      amount: amount.toString(),
      ...(memo === undefined ? {} : { memo: memoText(memo) }),
      ...approvedBy(decided?.approvers.get(payoutId)),
    })),
  };
}

function approvedBy(approvers: ReadonlySet<string> = new Set()) {
  return approvers.size === 0 ? {} : { approvers: [...approvers] };
}

/** What another decoder needs to see for itself what was signed. */
function unsigned(proposal: Proposal) {
  const bytes = { unsignedTransaction: Buffer.from(proposal.unsigned).toString('base64') };
  return proposal.kind === 'stellar' ? { ...bytes, networkPassphrase: proposal.networkPassphrase } : bytes;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
