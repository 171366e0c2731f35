import { type Asked, ask, type Flaw } from './asked.ts';
import { LANE_WIDTH, type PaidOut, payoutsOf, type Recipe } from './recipe.ts';
import type { Alteration, Step } from './steps.ts';
import type { Account, World } from './world.ts';

const TOO_MUCH = 5n * 10n ** 11n; // above what any one payout may be, below what a transaction may be
const FIRST_EXPIRATION = 500;
const ENVELOPE_FEE = 4_500_000n;
// How far what is final is behind what is signed: with one key the window of nonces is seldom full, with the other often.
const BEHIND = [6n, 13n] as const;

type Of<Rail> = Extract<Recipe, { readonly rail: Rail }>;

/** Turns what was drawn into requests: new ones, and ones about what was asked for before, whatever became of it. */
export class Plan {
  readonly asked: Asked[] = [];
  readonly #world: World;
  readonly #run: string;
  readonly #maxTime = BigInt(Math.floor(Date.now() / 1000) + 280);
  readonly #sequences = new Map<string, bigint>();
  readonly #nonces = new Map<string, bigint>();
  readonly #signedNonces = new Map<string, bigint>();
  /** What was authorized → the signed entry. */
  readonly #entries = new Map<string, { readonly recipe: Of<'authorization'>; readonly entry: Uint8Array }>();
  #payouts = 0;
  #requests = 0;

  /** @param run names what belongs to it. */
  constructor(world: World, run: string) {
    this.#world = world;
    this.#run = run;
  }

  /** The first nonce that a new payout of this key may take: what was handed out and refused is handed out again. */
  setNextNonce(keyId: string, nonce: bigint): void {
    this.#nonces.set(keyId, nonce);
    this.#signedNonces.set(keyId, nonce);
  }

  learnEntry(recipe: Of<'authorization'>, entry: Uint8Array): void {
    this.#entries.set(entryKey(recipe), { recipe, entry });
  }

  next(step: Step): Asked {
    const caller = this.#world.callers[step.caller === 1 ? 1 : 0];
    const flaw = flawOf(step);
    const earlier = 'pick' in step ? this.#pick(step.pick) : undefined;
    const isAgain = step.kind === 'again' && !step.newRequestId;
    const keeps = earlier !== undefined && (isAgain || step.kind === 'reuse');
    const recipe = this.#recipe(step, earlier);
    const asked = ask(this.#world, recipe, {
      earlier: recipe === earlier?.recipe ? earlier : undefined,
      caller: keeps ? earlier.caller : caller,
      requestId: keeps ? earlier.requestId : `${this.#run}-at-${++this.#requests}`,
      maxTime: this.#maxTime,
      flaw: step.kind === 'again' || step.kind === 'alter' ? earlier?.flaw : flaw,
    });
    this.asked.push(asked);
    return asked;
  }

  #pick(back: number): Asked | undefined {
    const { length } = this.asked;
    return length === 0 ? undefined : this.asked[length - 1 - (back % length)];
  }

  #recipe(step: Step, earlier: Asked | undefined): Recipe {
    switch (step.kind) {
      case 'pay':
        return this.#pay(step);
      case 'flawed':
        return this.#classic(0, [this.#payout(step.tooMuch ? TOO_MUCH : 1n)]);
      case 'again':
        return earlier?.recipe ?? this.#classic(0, [this.#payout(1n)]);
      case 'alter':
        return earlier === undefined ? this.#classic(0, [this.#payout(1n)]) : this.#alter(earlier.recipe, step.how);
      case 'reuse':
        return this.#classic(0, [this.#payout(2n)]);
      case 'wrap': {
        const [wrapped] = this.#entries.values();
        if (wrapped === undefined) return this.#classic(0, [this.#payout(4n)]);
        return this.#envelope(
          wrapped.recipe,
          wrapped.entry,
          this.#sequence(this.#world.channels[1] ?? ''),
          ENVELOPE_FEE,
        );
      }
      default:
        return step satisfies never;
    }
  }

  #pay({ rail, account, channel, amounts, jump }: Extract<Step, { kind: 'pay' }>): Recipe {
    const [first = 1] = amounts;
    switch (rail) {
      case 'classic': {
        const payouts = amounts.map((amount) => this.#payout(BigInt(amount)));
        return this.#classic(channel, payouts, this.#world.stellar[account === 1 ? 1 : 0], jump);
      }
      case 'authorization': {
        const [destination = ''] = this.#world.recipients.contracts;
        const payout = { ...this.#payout(BigInt(first)), destination };
        return { rail, account: this.#world.stellar[0], payout, expiration: FIRST_EXPIRATION };
      }
      case 'evm':
        return this.#evm(this.#world.evm[account === 1 ? 1 : 0], this.#evmPayout(BigInt(first)), jump);
      default:
        return rail satisfies never;
    }
  }

  #payout(amount: bigint): PaidOut {
    const { stellar } = this.#world.recipients;
    const destination = stellar[this.#payouts % 2] ?? '';
    return { id: `${this.#run}-po-${++this.#payouts}`, destination, amount };
  }

  #evmPayout(amount: bigint): PaidOut {
    const [destination = ''] = this.#world.recipients.evm;
    return { ...this.#payout(amount), destination };
  }

  #classic(channelIndex: number, payouts: readonly PaidOut[], account = this.#world.stellar[0], jump = false): Recipe {
    const channel = this.#world.channels[channelIndex] ?? '';
    return { rail: 'classic', account, channel, sequence: this.#sequence(channel, jump), fee: 10_000n, payouts };
  }

  #sequence(channel: string, jump = false): bigint {
    const last = this.#sequences.get(channel) ?? 0n;
    const next = jump ? (last / LANE_WIDTH + 1n) * LANE_WIDTH + 1n : last + 1n;
    this.#sequences.set(channel, next);
    return next;
  }

  #evm(account: Account, payout: PaidOut | undefined, jump = false): Of<'evm'> {
    const next = this.#nonces.get(account.keyId) ?? 0n;
    this.#nonces.set(account.keyId, next + 1n);
    const nonce = jump ? next + 1n : next;
    const signed = this.#signedNonces.get(account.keyId) ?? 0n;
    const behind = BEHIND[account === this.#world.evm[0] ? 0 : 1];
    const lowestOpen = signed > behind ? signed - behind : 0n;
    return { rail: 'evm', account, nonce, lowestOpen, maxFeePerGas: 10n ** 10n, payout };
  }

  /** The same recipe with something else in it; as it was, where it has no such thing. */
  #alter(recipe: Recipe, how: Alteration): Recipe {
    if (how === 'other payouts') return renamed(recipe, () => this.#payout(1n).id);
    if (how === 'amount') return paying(recipe, (payout) => ({ ...payout, amount: payout.amount + 1n }));
    if (how === 'other rail') return this.#otherRail(recipe);
    switch (recipe.rail) {
      case 'classic':
        return this.#alterClassic(recipe, how);
      case 'evm':
        return this.#alterEvm(recipe, how);
      default:
        return this.#alterSoroban(recipe, how);
    }
  }

  #alterClassic(recipe: Of<'classic'>, how: Alteration): Recipe {
    const { channel, sequence, fee, account, payouts } = recipe;
    const { stellar, recipients } = this.#world;
    switch (how) {
      case 'lane':
        return { ...recipe, sequence: sequence + LANE_WIDTH };
      case 'next':
      case 'report':
        return { ...recipe, sequence: this.#sequence(channel) };
      case 'join':
      case 'take lane':
        return { ...recipe, sequence: this.#sequence(channel), payouts: [...payouts, this.#payout(3n)] };
      case 'destination':
        return paying(recipe, (payout) => ({ ...payout, destination: recipients.stellar[2] ?? '' }));
      case 'key':
        return { ...recipe, account: account === stellar[0] ? stellar[1] : stellar[0] };
      case 'more fee':
        return { ...recipe, fee: fee + 5_000n };
      case 'less fee':
        return { ...recipe, fee: fee - 1n };
      default:
        return recipe;
    }
  }

  #alterEvm(recipe: Of<'evm'>, how: Alteration): Recipe {
    const { account, nonce, maxFeePerGas, payout } = recipe;
    const { evm, recipients } = this.#world;
    switch (how) {
      case 'lane':
      case 'next':
        return this.#evm(account, payout);
      case 'key':
        return this.#evm(account === evm[0] ? evm[1] : evm[0], payout);
      case 'destination':
        return paying(recipe, (paid) => ({ ...paid, destination: recipients.evm[1] ?? '' }));
      case 'more fee':
      case 'join':
        return { ...recipe, maxFeePerGas: (maxFeePerGas * 5n) / 4n };
      case 'less fee':
        return { ...recipe, maxFeePerGas: maxFeePerGas - 1n };
      case 'cancel':
        return { ...recipe, payout: undefined, maxFeePerGas: maxFeePerGas * 2n };
      case 'take lane':
        return { ...recipe, payout: this.#evmPayout(5n) };
      case 'report': {
        const next = this.#evm(account, this.#evmPayout(6n));
        // The first report says where an account begins; only later ones are believed no further than what was signed.
        return (this.#signedNonces.get(account.keyId) ?? 0n) === 0n ? next : { ...next, lowestOpen: nonce + 40n };
      }
      default:
        return recipe;
    }
  }

  #alterSoroban(recipe: Of<'authorization' | 'envelope'>, how: Alteration): Recipe {
    const { account, payout, expiration } = recipe;
    if (how === 'expiration') return { rail: 'authorization', account, payout, expiration: expiration + 1 };
    const signed = this.#entries.get(entryKey(recipe));
    if (signed === undefined) return recipe;
    if (recipe.rail === 'envelope' && how === 'more fee') {
      return this.#envelope(recipe, signed.entry, recipe.sequence, recipe.fee + 100n);
    }
    return this.#envelope(recipe, signed.entry, this.#sequence(this.#world.channels[1] ?? ''), ENVELOPE_FEE);
  }

  #envelope(
    { account, payout, expiration }: Of<'authorization' | 'envelope'>,
    entry: Uint8Array,
    sequence: bigint,
    fee: bigint,
  ): Recipe {
    const [, channel = ''] = this.#world.channels;
    return { rail: 'envelope', account, payout, expiration, entry, channel, sequence, fee };
  }

  /** The payout ids of a recipe, paid by a contract, or as lumens. */
  #otherRail(recipe: Recipe): Recipe {
    const [paid] = payoutsOf(recipe);
    if (paid === undefined) return recipe;
    const { id, amount } = paid;
    const { stellar, contracts } = this.#world.recipients;
    if (recipe.rail !== 'classic') return this.#classic(2, [{ id, amount, destination: stellar[0] ?? '' }]);
    const payout = { id, amount, destination: contracts[0] ?? '' };
    return { rail: 'authorization', account: this.#world.stellar[0], payout, expiration: FIRST_EXPIRATION };
  }
}

function entryKey({ payout, expiration }: Of<'authorization' | 'envelope'>): string {
  return [payout.id, payout.destination, payout.amount, expiration].join(' ');
}

function flawOf(step: Step): Flaw | undefined {
  if (step.kind !== 'flawed') return undefined;
  return step.tooMuch ? 'POLICY_DENIED AMOUNT_ABOVE_LIMIT' : 'TRANSACTION_MISMATCH PAYOUT_NOT_PAID';
}

function paying<R extends Recipe>(recipe: R, change: (payout: PaidOut) => PaidOut): Recipe {
  if (recipe.rail === 'classic')
    return { ...recipe, payouts: recipe.payouts.map((paid, i) => (i === 0 ? change(paid) : paid)) };
  // An envelope is around the authorization that there is: other terms are asked for with another authorization.
  if (recipe.rail === 'envelope') {
    const { account, payout, expiration } = recipe;
    return { rail: 'authorization', account, payout: change(payout), expiration };
  }
  return recipe.payout === undefined ? recipe : { ...recipe, payout: change(recipe.payout) };
}

function renamed(recipe: Recipe, newId: () => string): Recipe {
  return paying(recipe, (paid) => ({ ...paid, id: newId() }));
}
