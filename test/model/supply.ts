import { LANE_WIDTH, type Of, type PaidOut } from './recipe.ts';
import type { Account, World } from './world.ts';

const FIRST_EXPIRATION = 500;
const ENVELOPE_FEE = 4_500_000n;
// How far what is final is behind what is signed: with one key the window of nonces is seldom full, with the other often.
const BEHIND = [6n, 13n] as const;

interface Signed {
  readonly recipe: Of<'authorization'>;
  readonly entry: Uint8Array;
}

/** What new transactions are made of: payout ids, places in channels and accounts, and the authorizations that were signed. */
export class Supply {
  readonly world: World;
  readonly #run: string;
  readonly #sequences = new Map<string, bigint>();
  readonly #nonces = new Map<string, bigint>();
  readonly #signedNonces = new Map<string, bigint>();
  readonly #entries = new Map<string, Signed>();
  #payouts = 0;

  /** @param run stands in every payout id. */
  constructor(world: World, run: string) {
    this.world = world;
    this.#run = run;
  }

  /** What was handed out above it and refused is handed out again. */
  setNextNonce(keyId: string, nonce: bigint): void {
    this.#nonces.set(keyId, nonce);
    this.#signedNonces.set(keyId, nonce);
  }

  signedNonces(keyId: string): bigint {
    return this.#signedNonces.get(keyId) ?? 0n;
  }

  payout(amount: bigint): PaidOut {
    const { stellar } = this.world.recipients;
    const destination = stellar[this.#payouts % 2] ?? '';
    return { id: `${this.#run}-po-${++this.#payouts}`, destination, amount };
  }

  evmPayout(amount: bigint): PaidOut {
    const [destination = ''] = this.world.recipients.evm;
    return { ...this.payout(amount), destination };
  }

  /** The next number of the channel, or the first one of its next range. */
  sequence(channel: string, jump = false): bigint {
    const last = this.#sequences.get(channel) ?? 0n;
    const next = jump ? (last / LANE_WIDTH + 1n) * LANE_WIDTH + 1n : last + 1n;
    this.#sequences.set(channel, next);
    return next;
  }

  classic(
    channelIndex: number,
    payouts: readonly PaidOut[],
    account: Account = this.world.stellar[0],
    jump = false,
  ): Of<'classic'> {
    const channel = this.world.channels[channelIndex] ?? '';
    return { rail: 'classic', account, channel, sequence: this.sequence(channel, jump), fee: 10_000n, payouts };
  }

  /** On the next nonce, or on the one after it. */
  evm(account: Account, payout: PaidOut | undefined, jump = false): Of<'evm'> {
    const next = this.#nonces.get(account.keyId) ?? 0n;
    this.#nonces.set(account.keyId, next + 1n);
    const nonce = jump ? next + 1n : next;
    const signed = this.signedNonces(account.keyId);
    const behind = BEHIND[account === this.world.evm[0] ? 0 : 1];
    const lowestOpen = signed > behind ? signed - behind : 0n;
    return { rail: 'evm', account, nonce, lowestOpen, maxFeePerGas: 10n ** 10n, payout };
  }

  authorization({ id, amount }: Pick<PaidOut, 'id' | 'amount'>): Of<'authorization'> {
    const [destination = ''] = this.world.recipients.contracts;
    const payout = { id, amount, destination };
    return { rail: 'authorization', account: this.world.stellar[0], payout, expiration: FIRST_EXPIRATION };
  }

  learnEntry(recipe: Of<'authorization'>, entry: Uint8Array): void {
    this.#entries.set(entryKey(recipe), { recipe, entry });
  }

  /** The signed entry of a payout, once it is known. */
  entryOf(recipe: Of<'authorization' | 'envelope'>): Uint8Array | undefined {
    return this.#entries.get(entryKey(recipe))?.entry;
  }

  firstEntry(): Signed | undefined {
    const [first] = this.#entries.values();
    return first;
  }

  envelope({ account, payout, expiration }: Of<'authorization' | 'envelope'>, entry: Uint8Array): Of<'envelope'> {
    const [, channel = ''] = this.world.channels;
    const sequence = this.sequence(channel);
    return { rail: 'envelope', account, payout, expiration, entry, channel, sequence, fee: ENVELOPE_FEE };
  }
}

function entryKey({ payout, expiration }: Of<'authorization' | 'envelope'>): string {
  return [payout.id, payout.destination, payout.amount, expiration].join(' ');
}
