import type { Asked } from './asked.ts';
import { laneOf, type PaidOut, payoutsOf, type Recipe } from './recipe.ts';

const MOST_ENVELOPES = 32;

/** What was reserved, for good: each fact is what the first reservation said, and no later one may say otherwise. */
export class Bindings {
  readonly #payouts = new Map<string, { readonly lane: string; readonly terms: string }>();
  readonly #lanes = new Map<string, { readonly payoutId: string; readonly entry: string }>();
  /** key, hash → what it was declared to be. */
  readonly #transactions = new Map<string, string>();
  /** caller, request id → content; what it surely stands for, and what it may. */
  readonly #requests = new Map<string, string>();
  readonly #possibleRequests = new Map<string, Set<string>>();
  readonly #envelopes = new Map<string, Set<string>>();

  /** Puts it down. @returns what it contradicts, in the signer's words: nothing, where the signer is right. */
  bind(asked: Asked): string[] {
    const { recipe } = asked;
    const problems = [...this.contradictions(asked)];
    const lane = laneOf(recipe);
    this.#transactions.set(transactionKey(asked), declarationOf(asked));
    const [first] = payoutsOf(recipe);
    if (recipe.rail !== 'classic' && first !== undefined && !this.#lanes.has(lane)) {
      this.#lanes.set(lane, { payoutId: first.id, entry: entryOf(recipe) });
    }
    for (const paid of payoutsOf(recipe)) {
      if (!this.#payouts.has(paid.id)) this.#payouts.set(paid.id, { lane, terms: termsOf(recipe, paid) });
    }
    if (recipe.rail === 'envelope') this.#envelopesOf(lane).add(asked.hash);
    if (this.#envelopesOf(lane).size > MOST_ENVELOPES) problems.push(`${MOST_ENVELOPES + 1} envelopes`);
    return problems;
  }

  bindRequest(asked: Asked, isSure: boolean): void {
    const key = requestKey(asked);
    if (isSure) this.#requests.set(key, contentOf(asked));
    this.#possibleRequests.set(key, (this.#possibleRequests.get(key) ?? new Set()).add(contentOf(asked)));
  }

  /** Whether the request id may stand for another request, since an answer was lost. */
  mayBeReused(asked: Asked): boolean {
    const contents = this.#possibleRequests.get(requestKey(asked)) ?? new Set();
    return [...contents].some((content) => content !== contentOf(asked));
  }

  isReserved(asked: Asked): boolean {
    return this.#transactions.has(transactionKey(asked));
  }

  /** Why this may not be signed after what was bound, in the order in which the signer looks. */
  *contradictions(asked: Asked): Generator<string> {
    const { recipe } = asked;
    const lane = laneOf(recipe);
    const content = this.#requests.get(requestKey(asked));
    if (content !== undefined && content !== contentOf(asked)) yield 'REQUEST_ID_REUSED';
    const declared = this.#transactions.get(transactionKey(asked));
    if (declared !== undefined && declared !== declarationOf(asked)) {
      yield 'PAYOUT_BOUND TRANSACTION_DECLARED_OTHERWISE';
    }
    const [first] = payoutsOf(recipe);
    const owner = this.#lanes.get(lane);
    if (owner !== undefined && first !== undefined) {
      if (owner.payoutId !== first.id) yield 'LANE_TAKEN LANE_TAKEN';
      else if (owner.entry !== entryOf(recipe)) yield 'PAYOUT_BOUND OTHER_AUTHORIZATION';
    }
    for (const paid of payoutsOf(recipe)) {
      const bound = this.#payouts.get(paid.id);
      if (bound === undefined) continue;
      if (bound.lane !== lane) yield 'PAYOUT_BOUND OTHER_LANE';
      else if (bound.terms !== termsOf(recipe, paid)) yield 'PAYOUT_BOUND OTHER_TERMS';
    }
  }

  /** Whether the lane has as many envelopes as there may be, and this would be one more. */
  isExhausted(asked: Asked): boolean {
    if (asked.recipe.rail !== 'envelope' || this.isReserved(asked)) return false;
    return this.#envelopesOf(laneOf(asked.recipe)).size >= MOST_ENVELOPES;
  }

  #envelopesOf(lane: string): Set<string> {
    const envelopes = this.#envelopes.get(lane) ?? new Set();
    this.#envelopes.set(lane, envelopes);
    return envelopes;
  }
}

export function transactionKey({ recipe, hash }: Asked): string {
  return `${recipe.account.keyId} ${hash}`;
}

function requestKey({ caller, requestId }: Asked): string {
  return `${caller.identity} ${requestId}`;
}

function termsOf({ rail, account }: Recipe, { destination, amount }: PaidOut): string {
  return [rail === 'envelope' ? 'authorization' : rail, account.keyId, destination, amount].join(' ');
}

/** What one authorization is, as against another for the same payout. */
function entryOf(recipe: Recipe): string {
  if (recipe.rail !== 'authorization' && recipe.rail !== 'envelope') return '';
  return [recipe.payout.destination, recipe.payout.amount, recipe.expiration].join(' ');
}

function declarationOf({ recipe }: Asked): string {
  const ids = payoutsOf(recipe).map(({ id }) => id);
  return [laneOf(recipe), ...ids.sort()].join(' ');
}

function contentOf(asked: Asked): string {
  return [transactionKey(asked), ...payoutsOf(asked.recipe).map(({ id }) => id)].join(' ');
}
