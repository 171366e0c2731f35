import type { AuditEvent } from '@countersign/audit/event';
import type { SignerClient } from '@countersign/contract/grpc';
import type { SignTransactionRequest, SignTransactionResponse } from '@countersign/contract/signer';
import { signerctl } from '@countersign/operator/signerctl';
import { refusalOf } from '../harness/refusals.ts';
import type { SignerWorld } from '../harness/signers.ts';
import { openObserver } from './observer.ts';
import { checkRefusal, type Stage } from './refused.ts';
import { createReplicas, type Replicas, type SignerCode } from './replicas.ts';
import type { Variant } from './rules.ts';

/** What attackers stand on. */
export interface Ground {
  readonly world: SignerWorld;
  readonly code: SignerCode;
  /** Files. */
  readonly policies: Readonly<Record<Variant, string>>;
  /** @returns the connection string of an empty database. */
  newDatabase(): Promise<string>;
}

/** What the attacks are made with: the API's certificate, and what else a taken-over control plane knows. */
export interface Attacker extends AsyncDisposable {
  readonly world: SignerWorld;
  readonly policies: Ground['policies'];
  readonly replicas: Replicas;
  /** Asks for a signature, of replica `one` unless said otherwise; a refusal that leaves anything behind but its event throws. */
  sign(request: SignTransactionRequest, client?: SignerClient): Promise<string>;
  /** Gets a signature that policy allows, as a step on the way. */
  prepare(request: SignTransactionRequest, client?: SignerClient): Promise<SignTransactionResponse>;
  /** Asks for a signature and looks at nothing else: where the reservation or the key backend is part of the attack. */
  ask(request: SignTransactionRequest, client?: SignerClient): Promise<string>;
  /** Asks replicas `one` and `two` in turn for all of these at once. @returns each answer with its count, sorted. */
  race(requests: readonly SignTransactionRequest[]): Promise<string>;
  /** Anything else; the outcome says so where something is left behind, or the signer is no longer in service. */
  disturb(attempt: (port: number) => Promise<string>): Promise<string>;
  /** The audit events that are written while this runs. */
  events(during: () => Promise<unknown>): Promise<AuditEvent[]>;
  /** Starts a signer of its own with other variables. @returns `started`, or what is wrong, in one line. */
  start(env: Readonly<Record<string, string | undefined>>): Promise<string>;
  /** Against signers with another policy, over a database of their own: the same ones each time. */
  under(variant: Variant): Promise<Attacker>;
  /** Against new ones each time; dispose of it. */
  afresh(variant: Variant): Promise<Attacker>;
  /** What an operator does with `signerctl` at the signer's database. */
  operate(...args: string[]): Promise<void>;
  /** A payout id that nobody has used. */
  payout(): string;
  /** The first sequence number of a lane that nobody has used. */
  sequence(): bigint;
  /** The EVM nonce that is to be signed next. */
  nonce(): Promise<bigint>;
  /** Sets the clock of all signers to this moment, where it stays; without one it goes on. */
  setClock(moment?: Date): void;
  /** The stage that refused last. */
  refusedAt(): Stage | undefined;
}

/** What an attacker has in common with those that it becomes. */
interface Shared {
  count: number;
  /** The stage that refused last. */
  stage?: Stage | undefined;
}

// A refusal beyond the budget of its caller is counted, and no longer has an event; the attack on that sets its own.
const BUDGET = { WALL_DENIALS_PER_SECOND: '10000', WALL_DENIALS_BURST: '100000' };

export async function createAttacker(
  ground: Ground,
  variant: Variant,
  shared: Shared = { count: 0 },
): Promise<Attacker> {
  await using opened = new AsyncDisposableStack();
  const { world, code, policies } = ground;
  const databaseUrl = await ground.newDatabase();
  const observer = opened.use(await openObserver(world, databaseUrl));
  let clock = () => new Date();
  const env = { ...BUDGET, DATABASE_URL: databaseUrl, POLICY_FILE: policies[variant] };
  const replicas = opened.use(createReplicas(world, code, env, () => clock()));
  const one = await replicas.get('one');
  const others = new Map<Variant, Promise<Attacker>>();
  const count = () => ++shared.count;

  const ask = (request: SignTransactionRequest, client = one.client) => refusalOf(client.signTransaction(request));
  const kept = opened.move();
  return {
    world,
    policies,
    replicas,
    ask,
    sign: async (request, client) => {
      const before = await observer.look();
      const outcome = await ask(request, client);
      if (outcome !== 'signed') shared.stage = await checkRefusal(observer, before, outcome);
      return outcome;
    },
    prepare: (request, client = one.client) => client.signTransaction(request),
    race: async (requests) => {
      const two = await replicas.get('two');
      const answers = await Promise.all(requests.map((request, i) => ask(request, (i % 2 ? two : one).client)));
      const counts = new Map<string, number>();
      for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1);
      return [...counts]
        .map(([answer, times]) => `${answer} × ${times}`)
        .sort()
        .join(', ');
    },
    disturb: async (attempt) => {
      const before = await observer.look();
      const outcome = await attempt(one.signer.port);
      const { keys } = await one.client.listKeys();
      const after = await observer.look();
      const left = after.ledger === before.ledger && after.signatures === before.signatures;
      if (!left) return `${outcome}, and something is left behind`;
      return keys.length === 0 ? `${outcome}, and the signer shows no keys` : outcome;
    },
    events: async (during) => {
      const before = await observer.look();
      await during();
      return observer.eventsSince(before);
    },
    start: async (change) => {
      try {
        await replicas.get(`start-${count()}`, { env: change });
        return 'started';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
    under: (other) => {
      const known = others.get(other) ?? createAttacker(ground, other, shared).then((attacker) => kept.use(attacker));
      others.set(other, known);
      return known;
    },
    afresh: (other) => createAttacker(ground, other, shared),
    operate: async (...args) => {
      let printed = '';
      const print = (text: string) => {
        printed += text;
      };
      const exit = await signerctl(args, { env: { DATABASE_URL: databaseUrl }, out: print, err: print });
      if (exit !== 0) throw new Error(printed);
    },
    payout: () => `po_${count()}`,
    sequence: () => BigInt(count()) * 1024n + 1n,
    nonce: () => observer.nextNonce(),
    setClock: (moment) => {
      clock = () => moment ?? new Date();
    },
    refusedAt: () => shared.stage,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
