import { CountersignError, type ErrorCode } from '@countersign/contract/errors';
import type { SignTransactionRequest } from '@countersign/contract/signer';

/** What the signer keeps for good: a payout id is bound to one lane, and some lanes to one payout or one content. */
export interface LaneBook {
  /** Binds the payouts of a request to a lane; `sole`: to no other payout's. @throws PAYOUT_BOUND, LANE_TAKEN */
  bind(request: SignTransactionRequest, lane: string, sole: boolean): void;
  /** Binds the one payout of a request to a lane that carries one content alone. @throws as `bind` */
  bindContent(request: SignTransactionRequest, lane: string, content: Uint8Array): void;
}

export function createLaneBook(): LaneBook {
  const lanes = new Map<string, string>();
  const carried = new Map<string, string>();
  const contents = new Map<string, string>();

  const bind: LaneBook['bind'] = (request, lane, sole) => {
    for (const { payoutId } of request.payouts) {
      const other = lanes.get(payoutId) ?? lane;
      if (other !== lane)
        throw refusal('PAYOUT_BOUND', 'OTHER_LANE', `payout ${payoutId}: bound to lane ${other}, got ${lane}`);
      const carries = carried.get(lane) ?? payoutId;
      if (sole && carries !== payoutId)
        throw refusal('LANE_TAKEN', 'LANE_TAKEN', `lane: ${lane} already carries ${carries}`);
    }
    for (const { payoutId } of request.payouts) {
      lanes.set(payoutId, lane);
      if (sole) carried.set(lane, payoutId);
    }
  };
  return {
    bind,
    bindContent: (request, lane, content) => {
      const text = Buffer.from(content).toString('hex');
      if ((contents.get(lane) ?? text) !== text) {
        throw refusal('PAYOUT_BOUND', 'OTHER_CONTENT', `lane: ${lane} carries other content`);
      }
      bind(request, lane, true);
      contents.set(lane, text);
    },
  };
}

export function refusal(code: ErrorCode, reason: string, message: string): CountersignError {
  return new CountersignError(code, message, { reasons: [{ code: reason, message }] });
}
