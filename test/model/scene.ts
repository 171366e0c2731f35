import type { Asked } from './asked.ts';
import type { Limits } from './limits.ts';
import type { Nonces } from './nonces.ts';
import { payoutsOf } from './recipe.ts';
import type { Answer, Signed } from './system.ts';

/** A request with its answer, and what was certain when it was sent. */
export interface Answered extends Answer {
  readonly asked: Asked;
  readonly replica: number;
  readonly sent: Certain;
}

export interface Certain {
  /** A newer policy than the replica's had been accepted. */
  readonly isSuperseded: boolean;
  /** The freezing of the key that was in force, if one was. */
  readonly freezing: object | undefined;
  /** The signature that had been answered before. */
  readonly signed: Signed | undefined;
}

/** What happened, or may have, while the requests of one round were under way: each refusal has its cause in it. */
export interface Scene {
  /** As they were before. */
  readonly nonces: ReturnType<Nonces['copy']>;
  /** Limits that were in force at some time. */
  readonly limits: Limits[];
  policyChanged: boolean;
  readonly frozen: Set<string>;
  readonly crashed: Set<number>;
  /** key, hash → how a request may have ended by a fault of custody. */
  readonly faults: Map<string, Set<string>>;
  /** key, measure → charged for sure. */
  readonly charged: Set<string>;
}

export function shown({ words, asked, replica }: Answered): string {
  const { recipe, requestId } = asked;
  const ids = payoutsOf(recipe).map(({ id, amount }) => `${id} (${amount})`);
  const place = 'nonce' in recipe ? recipe.nonce : 'sequence' in recipe ? recipe.sequence : recipe.expiration;
  return `${words}: ${requestId} by replica ${replica}, ${recipe.rail} ${place} of ${recipe.account.keyId}: ${ids.join(', ')}`;
}
