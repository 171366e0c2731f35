import { alter } from './alter.ts';
import { type Asked, ask, type Flaw } from './asked.ts';
import type { Recipe } from './recipe.ts';
import type { Step } from './steps.ts';
import type { Supply } from './supply.ts';

// Above what any one payout may be, below what a transaction may be.
const TOO_MUCH = 5n * 10n ** 11n;
// Policy lets a transaction live for five minutes.
const LIFETIME_SECONDS = 280;

/** Turns what was drawn into requests: new ones, and ones about what was asked for before, whatever became of it. */
export class Plan {
  readonly #supply: Supply;
  readonly #run: string;
  readonly #asked: Asked[] = [];
  readonly #maxTime = BigInt(Math.floor(Date.now() / 1000) + LIFETIME_SECONDS);
  #requests = 0;

  /** @param run stands in every request id. */
  constructor(supply: Supply, run: string) {
    this.#supply = supply;
    this.#run = run;
  }

  next(step: Step): Asked {
    const { world } = this.#supply;
    const earlier = 'pick' in step ? this.#pick(step.pick) : undefined;
    const isAgain = step.kind === 'again' && !step.newRequestId;
    const keeps = earlier !== undefined && (isAgain || step.kind === 'reuse');
    const recipe = this.#recipe(step, earlier);
    const asked = ask(world, recipe, {
      earlier: recipe === earlier?.recipe ? earlier : undefined,
      caller: keeps ? earlier.caller : world.callers[step.caller === 1 ? 1 : 0],
      requestId: keeps ? earlier.requestId : `${this.#run}-at-${++this.#requests}`,
      maxTime: this.#maxTime,
      flaw: step.kind === 'again' || step.kind === 'alter' ? earlier?.flaw : flawOf(step),
    });
    this.#asked.push(asked);
    return asked;
  }

  #pick(back: number): Asked | undefined {
    const { length } = this.#asked;
    return length === 0 ? undefined : this.#asked[length - 1 - (back % length)];
  }

  #recipe(step: Step, earlier: Asked | undefined): Recipe {
    const supply = this.#supply;
    const anything = () => supply.classic(0, [supply.payout(1n)]);
    switch (step.kind) {
      case 'pay':
        return this.#pay(step);
      case 'flawed':
        return supply.classic(0, [supply.payout(step.tooMuch ? TOO_MUCH : 1n)]);
      case 'again':
        return earlier?.recipe ?? anything();
      case 'alter':
        return earlier === undefined ? anything() : alter(supply, earlier.recipe, step.how);
      case 'reuse':
        return anything();
      case 'wrap': {
        const first = supply.firstEntry();
        return first === undefined ? anything() : supply.envelope(first.recipe, first.entry);
      }
      default:
        return step satisfies never;
    }
  }

  #pay({ rail, account, channel, amounts, jump }: Extract<Step, { kind: 'pay' }>): Recipe {
    const supply = this.#supply;
    const { stellar, evm } = supply.world;
    const which = account === 1 ? 1 : 0;
    const amount = BigInt(amounts[0] ?? 1);
    switch (rail) {
      case 'classic': {
        const payouts = amounts.map((each) => supply.payout(BigInt(each)));
        return supply.classic(channel, payouts, stellar[which], jump);
      }
      case 'authorization':
        return supply.authorization(supply.payout(amount));
      case 'evm':
        return supply.evm(evm[which], supply.evmPayout(amount), jump);
      default:
        return rail satisfies never;
    }
  }
}

function flawOf(step: Step): Flaw | undefined {
  if (step.kind !== 'flawed') return undefined;
  return step.tooMuch ? 'POLICY_DENIED AMOUNT_ABOVE_LIMIT' : 'TRANSACTION_MISMATCH PAYOUT_NOT_PAID';
}
