import { buildInvocation } from '@countersign/chains/stellar/build';
import { authorizationNonce } from '@countersign/chains/stellar/lane';
import { CountersignError } from '@countersign/contract/errors';
import type { SignTransactionRequest, SignTransactionResponse } from '@countersign/contract/signer';
import { generateKeys } from '@countersign/dev/keys';
import { generateRecipients } from '@countersign/dev/recipients';
import type { StellarRpc } from '@countersign/dev/stellar';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Keypair, TransactionBuilder } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { type HandClosed, handClosed } from '../harness/hand-closed.ts';
import { PASSPHRASE } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { sorobanData } from '../harness/soroban-data.ts';
import { authorizationRequest, invocationRequest } from '../harness/soroban-requests.ts';
import { contractBalance, openLedger } from '../harness/stellar-world.ts';

const RUNS = Number(process.env['LANE_RUNS'] ?? 20);
const PAYOUTS = 4;
const CHANNELS = 3;
const FEE = 4_500_000n;

// What a control plane that is buggy, crashing or taken over may do with entries and envelopes, in any order.
const payout = fc.integer({ min: 0, max: PAYOUTS - 1 });
const replica = fc.constantFrom(0, 1);
const pick = fc.nat({ max: 999 });
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('authorize' as const),
      payout,
      // Ledgers from now until the entry ends, mostly soon enough to be met by the history itself.
      life: fc.constantFrom(10, 40, 40),
      otherAmount: fc.constantFrom(true, false, false),
      // Of another payout, which is a second entry that the ledger would take.
      otherNonce: fc.constantFrom(true, false, false),
      replica,
      fault: fc.constantFrom('none', 'none', 'none', 'reset', 'wrong-signature'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('envelope' as const),
      entry: pick,
      channel: fc.integer({ min: 0, max: CHANNELS - 1 }),
      ahead: fc.constantFrom(0n, 0n, 0n, 1n),
      // Too few instructions, so that it fails on the ledger.
      doomed: fc.constantFrom(true, false, false),
      replica,
    }),
  },
  // Whoever has seen a signed entry may wrap it in an envelope of their own.
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('foreign' as const), entry: pick }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('submit' as const), which: pick }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay' as const), which: pick, replica }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), replica }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

let world: SignerWorld;
let rpc: StellarRpc;
let time: HandClosed;
let serial = 0;
const stranger = Keypair.random();
const replicas: Replica[] = [];
const seen = { authorized: 0, enveloped: 0, refused: 0, rebuilt: 0, failedOnLedger: 0, paid: 0, unpaid: 0 };

const startReplica = (i: number) =>
  world.start({ name: `signer-${i}`, clock: () => new Date(Number(time.now) * 1000) });

beforeAll(async () => {
  const keys = generateKeys(CHANNELS);
  const recipients = generateRecipients(2);
  world = await openSignerWorld({ keys, recipients, policy: withFarClock });
  rpc = await openLedger(keys, [recipients.holder.publicKey(), stranger.publicKey()], recipients.holder);
  time = handClosed(rpc);
  replicas.push(await startReplica(0), await startReplica(1));
}, 60_000);
afterAll(async () => {
  await rpc.close();
  await world[Symbol.asyncDispose]();
});

test('whatever is authorized, wrapped, submitted, lost or replayed, the ledger pays no payout id twice', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 30, maxLength: 60 }), play), {
    numRuns: RUNS,
    endOnFailure: true,
  });
  // The run has met what it is about.
  for (const [what, count] of Object.entries(seen)) {
    expect({ what, enough: count > RUNS / 4 }).toEqual({ what, enough: true });
  }
}, 300_000);

async function play(actions: readonly Action[]): Promise<void> {
  const run = new Run();
  for (const step of actions) await run.step(step);
  run.submitEverything();
  await run.check();
}

interface Entry {
  readonly payout: TestTerms;
  readonly nonce: bigint;
  readonly xdr: Uint8Array;
}

interface TestTerms {
  readonly id: string;
  readonly amount: bigint;
}

interface Submittable {
  readonly envelope: Uint8Array;
  readonly hash: string;
  readonly payout: TestTerms;
}

/** One history, over payouts of its own. */
class Run {
  readonly #payouts = Array.from({ length: PAYOUTS }, () => {
    serial += 1;
    return { id: `po_s${serial}`, amount: 1_000n + BigInt(serial) };
  });
  readonly #asked: { readonly request: SignTransactionRequest; readonly payout: TestTerms }[] = [];
  readonly #entries: Entry[] = [];
  readonly #envelopes = new Map<string, Submittable>();
  readonly #before = this.#paidOut();

  async step(action: Action): Promise<void> {
    switch (action.kind) {
      case 'authorize':
        return this.#authorize(action);
      case 'envelope':
        return this.#wrap(action);
      case 'foreign': {
        const entry = this.#entries[action.entry % this.#entries.length];
        if (entry !== undefined) this.#wrapElsewhere(entry);
        return;
      }
      case 'submit': {
        const envelopes = [...this.#envelopes.values()];
        const chosen = envelopes[action.which % envelopes.length];
        if (chosen !== undefined) time.submit(chosen.envelope);
        return;
      }
      case 'close':
        return time.close();
      case 'replay': {
        const asked = this.#asked[action.which % this.#asked.length];
        if (asked !== undefined) await this.#ask(asked.request, asked.payout, action.replica);
        return;
      }
      case 'crash':
        await replicas[action.replica]?.signer[Symbol.asyncDispose]();
        replicas[action.replica] = await startReplica(action.replica);
        return;
      default:
        return action satisfies never;
    }
  }

  async #authorize(action: Extract<Action, { kind: 'authorize' }>): Promise<void> {
    const terms = this.#payouts[action.payout];
    if (terms === undefined) return;
    const payout = action.otherAmount ? { ...terms, amount: terms.amount + 1_000_000n } : terms;
    const expirationLedger = rpc.ledger.latest().sequence + action.life;
    const nonce = authorizationNonce(action.otherNonce ? `not ${payout.id}` : payout.id);
    const request = authorizationRequest(world, payout, { expirationLedger, nonce });
    if (action.fault !== 'none') world.kms.faults.add({ kind: action.fault, times: 1 });
    const answer = await this.#ask(request, payout, action.replica);
    world.kms.faults.clear();
    if (answer !== undefined) this.#entries.push({ payout, nonce, xdr: answer.signedTransaction });
  }

  async #wrap(action: Extract<Action, { kind: 'envelope' }>): Promise<void> {
    const entry = this.#entries[action.entry % this.#entries.length];
    const channel = world.keys.channels[action.channel]?.publicKey() ?? '';
    if (entry === undefined) return;
    const { payout, nonce } = entry;
    const sequence = (rpc.ledger.account(channel)?.sequence ?? 0n) + 1n + action.ahead;
    const request = invocationRequest(world, payout, entry.xdr, {
      channel,
      sequence,
      maxTime: time.now + 200n,
      fee: FEE,
      sorobanData: sorobanData(world, payout, { nonce, instructions: action.doomed ? 1 : 10_000_000 }),
    });
    await this.#ask(request, payout, action.replica);
  }

  #wrapElsewhere({ payout, nonce, xdr }: Entry): Uint8Array {
    const { envelope } = buildInvocation({
      networkPassphrase: PASSPHRASE,
      channel: stranger.publicKey(),
      sequence: (rpc.ledger.account(stranger.publicKey())?.sequence ?? 0n) + 1n,
      maxTime: time.now + 200n,
      fee: FEE,
      authorization: xdr,
      sorobanData: sorobanData(world, payout, { nonce }),
    });
    const transaction = TransactionBuilder.fromXdr(Buffer.from(envelope).toString('base64'), PASSPHRASE);
    transaction.sign(stranger);
    const hash = Buffer.from(transaction.hash()).toString('hex');
    const signed = Buffer.from(transaction.toXdr(), 'base64');
    this.#envelopes.set(hash, { envelope: signed, hash, payout });
    return signed;
  }

  async #ask(
    request: SignTransactionRequest,
    payout: TestTerms,
    replica: number,
  ): Promise<SignTransactionResponse | undefined> {
    this.#asked.push({ request, payout });
    try {
      const answer = await replicas[replica]?.client.signTransaction(request);
      if (answer === undefined) return undefined;
      if (request.transaction.case === 'stellarAuthorization') {
        seen.authorized += 1;
        return answer;
      }
      seen.enveloped += 1;
      const hash = Buffer.from(answer.transactionHash).toString('hex');
      this.#envelopes.set(hash, { envelope: answer.signedTransaction, hash, payout });
      return answer;
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      seen.refused += 1;
      return undefined;
    }
  }

  /** Also in envelopes that nobody here has signed. */
  submitEverything(): void {
    for (const entry of this.#entries) {
      time.submit(this.#wrapElsewhere(entry));
      time.close();
    }
    time.offer([...this.#envelopes.values()]);
  }

  async check(): Promise<void> {
    const paid = new Map<string, bigint[]>();
    const envelopes = [...this.#envelopes.values()];
    for (const { hash, payout } of envelopes) {
      const outcome = rpc.ledger.transaction(hash)?.result.result.type;
      if (outcome === 'txFailed') seen.failedOnLedger += 1;
      if (outcome === 'txSuccess') paid.set(payout.id, [...(paid.get(payout.id) ?? []), payout.amount]);
    }
    for (const [id, amounts] of paid) expect([id, amounts]).toEqual([id, [amounts[0]]]);
    const total = [...paid.values()].reduce((sum, [amount = 0n]) => sum + amount, 0n);
    expect((await this.#paidOut()) - (await this.#before)).toBe(total);
    seen.paid += paid.size;
    seen.unpaid += PAYOUTS - paid.size;
    const perPayout = Map.groupBy(envelopes, ({ payout }) => payout.id);
    seen.rebuilt += [...perPayout.values()].filter((each) => each.length > 1).length;
  }

  /** What the ledger itself says the recipient holds. */
  #paidOut(): Promise<bigint> {
    return contractBalance(rpc, world);
  }
}

/** A clock by which the hand-closed ledgers of a test are never too far ahead. */
function withFarClock(document: object): unknown {
  return JSON.parse(JSON.stringify(document), (key, value) =>
    key === 'ledger_clock' ? { ...value, ledger: 1_000_000_000 } : value,
  );
}
