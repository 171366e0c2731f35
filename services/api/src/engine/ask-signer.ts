import type { MessageInitShape } from '@bufbuild/protobuf';
import type { StellarMemo } from '@countersign/chains/transfer';
import {
  CustodyPath,
  type PayoutSchema,
  Purpose,
  type SignTransactionRequestSchema,
} from '@countersign/contract/signer';
import { type Approvals, readApprovals } from './approvals.ts';
import { type EngineContext, unixTime } from './context.ts';
import { timed } from './metrics.ts';
import { type Payout, payoutIds } from './payouts.ts';
import { readRefusal, type SignerAnswer } from './signer-answer.ts';

/** A transaction to be signed. Asked again with the same id, it must be the same in everything but `lowestOpenNonce`. */
export interface SignRequest {
  /** at_… */
  readonly attemptId: string;
  readonly chain: string;
  readonly keyId: string;
  readonly purpose: 'payout' | 'cancel';
  /** In the order of the transaction's operations; none for a cancel. */
  readonly payouts: readonly Payout[];
  readonly transaction: NonNullable<MessageInitShape<typeof SignTransactionRequestSchema>['transaction']>;
}

/** What came of asking, and the approvals that the signer was shown, by payout. */
export interface Asked {
  readonly answer: SignerAnswer;
  readonly approvals: ReadonlyMap<string, Approvals>;
}

/** Asks for a signature once, with every approval that is stored of the payouts and has not expired. */
export async function askSigner(context: EngineContext, request: SignRequest): Promise<Asked> {
  const approvals = await readApprovals(context.pool, payoutIds(request.payouts), unixTime(context));
  const message: MessageInitShape<typeof SignTransactionRequestSchema> = {
    requestId: request.attemptId,
    keyId: request.keyId,
    purpose: request.purpose === 'payout' ? Purpose.PAYOUT : Purpose.CANCEL,
    payouts: request.payouts.map((payout) => declared(payout, approvals.get(payout.id))),
    transaction: request.transaction,
  };
  const ask = async (): Promise<SignerAnswer> => {
    try {
      const response = await context.signer.signTransaction(message, { deadlineMs: context.timing.signDeadlineMs });
      return { kind: 'signed', response };
    } catch (error) {
      return readRefusal(error);
    }
  };
  const answer = await timed(context.metrics.sign, request.chain, ask, ({ kind }) => kind);
  if (answer.kind === 'wait' || answer.kind === 'broken') {
    context.metrics.errors.inc({ chain: request.chain, stage: 'sign' });
    const level = answer.kind === 'broken' || answer.grave ? 'error' : 'warn';
    context.log[level]({ attempt: request.attemptId, reason: answer.reason }, 'no signature');
  }
  return { answer, approvals };
}

/** How the signer says that it was signed. */
export function pathOf(path: CustodyPath): 'legacy' | 'kms' | undefined {
  switch (path) {
    case CustodyPath.LEGACY:
      return 'legacy';
    case CustodyPath.KMS:
      return 'kms';
    default:
      return undefined;
  }
}

function declared(payout: Payout, approvals: Approvals | undefined): MessageInitShape<typeof PayoutSchema> {
  return {
    payoutId: payout.id,
    destination: payout.destination,
    asset: payout.asset,
    amount: payout.amount.toString(),
    ...(payout.memo !== undefined && { memo: { kind: memoKind(payout.memo) } }),
    ...(approvals !== undefined && { approvals: [...approvals.valid] }),
  };
}

function memoKind(memo: StellarMemo) {
  switch (memo.type) {
    case 'text':
      return { case: 'text', value: memo.value } as const;
    case 'id':
      return { case: 'id', value: memo.value } as const;
    case 'hash':
      return { case: 'hash', value: memo.value } as const;
    case 'return':
      return { case: 'returnHash', value: memo.value } as const;
    default:
      return memo satisfies never;
  }
}
