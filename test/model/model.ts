import type { Asked } from './asked.ts';
import { Bindings, transactionKey } from './bindings.ts';
import { FAULT_WORDS } from './custody.ts';
import type { Reserved } from './database.ts';
import type { KeyLimits } from './limits.ts';
import { Nonces, nonceProblems } from './nonces.ts';
import { payoutsOf } from './recipe.ts';
import { type Answered, type Scene, shown } from './scene.ts';
import { Spending } from './spending.ts';
import type { Fault } from './steps.ts';
import type { Signed } from './system.ts';
import type { World } from './world.ts';

const FAULTED = new Set(Object.values(FAULT_WORDS));

/** What a request meets that nothing runs beside. */
interface Alone {
  readonly isSuperseded: boolean;
  readonly isFrozen: boolean;
  readonly limits: KeyLimits;
  readonly now: number;
  readonly fault: Fault | undefined;
}

/** The promise of the signer in plain words: what was reserved, what that rules out, and what the answers contradict. */
export class Model {
  readonly problems: string[] = [];
  readonly nonces = new Nonces();
  readonly spending: Spending;
  readonly #bindings = new Bindings();
  readonly #signed = new Map<string, Signed>();
  /** Signed, by what the database says: the answer was lost. */
  readonly #recorded = new Set<string>();

  constructor(world: World) {
    this.spending = new Spending(world);
  }

  signedBefore(asked: Asked): Signed | undefined {
    return this.#signed.get(transactionKey(asked));
  }

  /** The answers that a request may get now, in the signer's words; more than one where a lost answer left something open. */
  predict(asked: Asked, { isSuperseded, isFrozen, limits, now, fault }: Alone): string[] {
    if (asked.flaw !== undefined) return [asked.flaw];
    if (isSuperseded) return ['POLICY_SUPERSEDED POLICY_SUPERSEDED'];
    if (isFrozen) return ['KEY_FROZEN KEY_FROZEN'];
    const open = this.#bindings.mayBeReused(asked) ? ['REQUEST_ID_REUSED'] : [];
    const [first] = this.#bindings.contradictions(asked);
    if (first !== undefined) return [...open, first];
    const key = transactionKey(asked);
    if (this.#signed.has(key) || this.#recorded.has(key)) return [...open, 'signed again'];
    if (this.#bindings.isExhausted(asked)) return [...open, 'LANE_EXHAUSTED LANE_EXHAUSTED'];
    const nonce = this.#nonceProblem(asked);
    if (nonce?.isSure) return [...open, nonce.words];
    if (nonce !== undefined) open.push(nonce.words);
    const granted = fault === undefined ? 'signed' : FAULT_WORDS[fault];
    const limited = (['least', 'most'] as const).map((bound) => {
      // Of each window the signer says one thing.
      const reasons = this.spending.problems(asked.recipe, limits, now, bound).map(([first]) => first);
      return reasons.length === 0 ? granted : ['LIMIT_REACHED', ...reasons].join(' ');
    });
    return [...open, ...new Set(limited)];
  }

  /** What no signature may be answered against. */
  hear(answered: Answered, stillFrozen: boolean): void {
    const { asked, sent, signed, words } = answered;
    if (signed === undefined) return;
    const problem = (what: string) => this.problems.push(`${what}: ${shown(answered)}`);
    if (asked.flaw !== undefined) problem(`signed in spite of ${asked.flaw}`);
    if (sent.isSuperseded) problem('signed by a superseded policy');
    if (stillFrozen) problem('signed for a frozen key');
    if (sent.signed !== undefined && words !== 'signed again') problem('signed anew what was signed before');
    const first = this.#signed.get(transactionKey(asked));
    if (first !== undefined && first.signature !== signed.signature) problem('answered with a second signature');
    this.#signed.set(transactionKey(asked), first ?? signed);
  }

  /** Puts down what the answers of a round mean, then asks of each refusal whether it had a cause. */
  settle(answered: readonly Answered[], reserved: ReadonlyMap<string, Reserved>, scene: Scene): void {
    for (const one of answered) {
      if (one.words === 'signed' || FAULTED.has(one.words)) this.#grant(one, scene, true);
      else if (one.words === 'STORE_UNAVAILABLE') this.#lost(one, reserved, scene);
    }
    for (const one of answered) {
      if (one.words === 'signed again') this.#again(one);
      else if (one.words !== 'signed' && !this.#hasCause(one, scene)) this.problems.push(`no cause for ${shown(one)}`);
    }
    for (const { words, asked, ...one } of answered) {
      const { recipe } = asked;
      if (words !== 'signed' || recipe.rail !== 'evm' || !this.nonces.isBeyond(recipe)) continue;
      this.problems.push(`beyond the window of nonces: ${shown({ words, asked, ...one })}`);
    }
  }

  #grant(answered: Answered, scene: Scene, isSure: boolean): void {
    const { asked, span } = answered;
    const { recipe } = asked;
    for (const problem of this.#bindings.bind(asked)) {
      // Of a lost answer it is the transaction alone that is known to be reserved: it may be another request's.
      if (!isSure && problem === 'REQUEST_ID_REUSED') continue;
      this.problems.push(`${problem} is not respected: ${shown(answered)}`);
    }
    this.#bindings.bindRequest(asked, isSure);
    if (recipe.rail === 'evm') this.nonces.reserve(recipe, scene.nonces.get(recipe.account.keyId)?.next ?? 0n);
    this.spending.charge(recipe, span, isSure);
    if (!isSure) return;
    for (const measure of this.spending.measuresOf(recipe)) scene.charged.add(`${recipe.account.keyId} ${measure}`);
  }

  /** Nobody knows what became of it; what the database has of it is what others go by. */
  #lost(answered: Answered, reserved: ReadonlyMap<string, Reserved>, scene: Scene): void {
    const { asked } = answered;
    const row = reserved.get(transactionKey(asked));
    const declared = payoutsOf(asked.recipe).map(({ id }) => id);
    if (row === undefined || row.payoutIds.join() !== declared.sort().join()) return;
    this.#grant(answered, scene, false);
    if (row.isSigned) this.#recorded.add(transactionKey(asked));
  }

  #again(answered: Answered): void {
    const { asked } = answered;
    const problem = (what: string) => this.problems.push(`${what}: ${shown(answered)}`);
    if (!this.#bindings.isReserved(asked)) problem('from the record, which has nothing of it');
    for (const contradiction of this.#bindings.contradictions(asked)) problem(`${contradiction} is not respected`);
    this.#bindings.bindRequest(asked, true);
  }

  #nonceProblem({ recipe }: Asked): { readonly words: string; readonly isSure: boolean } | undefined {
    if (recipe.rail !== 'evm') return undefined;
    const row = this.nonces.row(recipe.account.keyId);
    const [words] = nonceProblems(recipe, row);
    return words === undefined ? undefined : { words, isSure: row.least === row.most };
  }

  #hasCause({ asked, words, replica, span, sent }: Answered, scene: Scene): boolean {
    const { recipe } = asked;
    const { keyId } = recipe.account;
    const [code] = words.split(' ');
    // No answer without its event, whatever it is.
    if (code === 'STORE_UNAVAILABLE') return scene.crashed.has(replica);
    if (asked.flaw !== undefined) return words === asked.flaw;
    switch (code) {
      case 'POLICY_SUPERSEDED':
        return sent.isSuperseded || scene.policyChanged;
      case 'KEY_FROZEN':
        return scene.frozen.has(keyId);
      case 'NONCE_OUT_OF_WINDOW': {
        const row = scene.nonces.get(keyId) ?? { next: 0n, least: 0n };
        return recipe.rail === 'evm' && nonceProblems(recipe, row).includes(words);
      }
      case 'LIMIT_REACHED':
        return scene.limits.some((limits) => this.#mayBeFull(asked, limits.of(keyId), span.from, words));
      case 'LANE_EXHAUSTED':
        return this.#bindings.isExhausted(asked);
      case 'REQUEST_ID_REUSED':
        return this.#bindings.mayBeReused(asked);
      default:
        if (scene.faults.get(transactionKey(asked))?.has(words)) return true;
        return [...this.#bindings.contradictions(asked)].includes(words);
    }
  }

  /** Whether each window that is named may have been without room for it. */
  #mayBeFull({ recipe }: Asked, limits: KeyLimits, at: number, words: string): boolean {
    const full = new Set(this.spending.problems(recipe, limits, at, 'most').flat());
    return words
      .split(' ')
      .slice(1)
      .every((reason) => full.has(reason));
  }
}
