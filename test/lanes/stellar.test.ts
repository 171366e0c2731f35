import { CountersignError } from '@countersign/contract/errors';
import type { SignTransactionRequest, SignTransactionResponse } from '@countersign/contract/signer';
import { generateKeys } from '@countersign/dev/keys';
import type { StellarRpc } from '@countersign/dev/stellar';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TransactionBuilder } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { type HandClosed, handClosed } from '../harness/hand-closed.ts';
import { PASSPHRASE, stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { openLedger } from '../harness/stellar-world.ts';

const RUNS = Number(process.env['LANE_RUNS'] ?? 20);
const PAYOUTS = 5;
const CHANNELS = 3;
/** Makes other terms of the same payout, which the ledger can tell apart too. */
const OTHER = 500_000_000n;

// What a control plane that is buggy, crashing or taken over may do, in any order.
const payout = fc.integer({ min: 0, max: PAYOUTS - 1 });
const replica = fc.constantFrom(0, 1);
const pick = fc.nat({ max: 999 });
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('sign' as const),
      payouts: fc.uniqueArray(payout, { minLength: 1, maxLength: 3 }),
      channel: fc.integer({ min: 0, max: CHANNELS - 1 }),
      // Beyond the number that the ledger expects next; a lane's width away is another lane.
      ahead: fc.constantFrom(0n, 0n, 0n, 0n, 0n, 1n, 1024n),
      // Mostly goes on where the first payout is bound, as an honest control plane would.
      loyal: fc.constantFrom(true, true, false),
      // Pays an account that is not there too, so that the ledger fails all of it.
      doomed: fc.boolean(),
      otherAmount: fc.constantFrom(true, false, false, false, false),
      replica,
      fault: fc.constantFrom('none', 'none', 'none', 'reset', 'wrong-signature'),
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('submit' as const), which: pick }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay' as const), which: pick, replica }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.constantFrom(30n, 130n) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), replica }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
type Sign = Extract<Action, { kind: 'sign' }>;

let world: SignerWorld;
let rpc: StellarRpc;
let time: HandClosed;
let serial = 0;
const replicas: Replica[] = [];
const seen = { signed: 0, refused: 0, rebuilt: 0, failedOnLedger: 0, paid: 0, unpaid: 0 };

const startReplica = (i: number) =>
  world.start({ name: `signer-${i}`, clock: () => new Date(Number(time.now) * 1000) });

beforeAll(async () => {
  const keys = generateKeys(CHANNELS);
  const recipients = {
    stellar: generateKeys(PAYOUTS + 1).channels.map((key) => key.publicKey()),
    contracts: [],
    evm: [],
  };
  world = await openSignerWorld({ keys, recipients });
  rpc = await openLedger(keys, recipients.stellar.slice(0, PAYOUTS));
  time = handClosed(rpc);
  replicas.push(await startReplica(0), await startReplica(1));
}, 60_000);
afterAll(async () => {
  await rpc.close();
  await world[Symbol.asyncDispose]();
});

test('whatever is asked, submitted, lost or replayed, the ledger pays no payout id twice', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { minLength: 30, maxLength: 60 }), play), {
    numRuns: RUNS,
    endOnFailure: true,
  });
  // The run has met what it is about.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(RUNS / 4);
}, 300_000);

async function play(actions: readonly Action[]): Promise<void> {
  const run = new Run();
  for (const step of actions) await run.step(step);
  run.submitEverything();
  run.check();
}

interface Signed {
  readonly envelope: Uint8Array;
  readonly hash: string;
}

/** One history, over payouts of its own. Each pays an amount that no other payout ever does, so the ledger tells them apart. */
class Run {
  readonly #payouts = Array.from({ length: PAYOUTS }, (_, i) => {
    serial += 1;
    return { id: `po_${serial}`, amount: 1_000_000n + BigInt(serial), destination: world.recipients.stellar[i] ?? '' };
  });
  readonly #bound = new Map<string, { readonly channel: string }>();
  readonly #requests: SignTransactionRequest[] = [];
  readonly #signed: Signed[] = [];
  readonly #signatures = new Map<string, number>();
  readonly #before = rpc.ledger.account(world.keys.stellar.address)?.balance ?? 0n;

  async step(action: Action): Promise<void> {
    switch (action.kind) {
      case 'sign':
        return this.#sign(action);
      case 'submit': {
        const signed = this.#signed[action.which % this.#signed.length];
        if (signed !== undefined) time.submit(signed.envelope);
        return;
      }
      case 'close':
        return time.close();
      case 'replay': {
        const request = this.#requests[action.which % this.#requests.length];
        if (request !== undefined) await this.#ask(request, action.replica);
        return;
      }
      case 'wait':
        return time.close(action.seconds);
      case 'crash':
        await replicas[action.replica]?.signer[Symbol.asyncDispose]();
        replicas[action.replica] = await startReplica(action.replica);
        return;
      default:
        return action satisfies never;
    }
  }

  async #sign(action: Sign): Promise<void> {
    const wanted = action.payouts.flatMap((i) => this.#payouts[i] ?? []);
    const home = action.loyal ? this.#bound.get(wanted[0]?.id ?? '') : undefined;
    const chosen = action.loyal ? wanted.filter(({ id }) => (this.#bound.get(id) ?? home) === home) : wanted;
    const channel = home?.channel ?? world.keys.channels[action.channel]?.publicKey() ?? '';
    const next = (rpc.ledger.account(channel)?.sequence ?? 0n) + 1n;
    const payouts = chosen.map(({ amount, ...rest }) => ({
      ...rest,
      amount: action.otherAmount ? amount + OTHER : amount,
    }));
    serial += 1;
    const doomed = { id: `po_${serial}`, amount: 1n, destination: world.recipients.stellar[PAYOUTS] ?? '' };
    const request = stellarRequest(world, action.doomed ? [...payouts, doomed] : payouts, {
      channel,
      sequence: next + action.ahead,
      maxTime: time.now + 120n,
    });
    this.#requests.push(request);
    if (action.fault !== 'none')
      world.kms.faults.add({ kind: action.fault === 'reset' ? 'reset' : 'wrong-signature', times: 1 });
    const answer = await this.#ask(request, action.replica);
    world.kms.faults.clear();
    if (answer === undefined) return;
    const lane = home ?? { channel };
    for (const { id } of payouts) {
      this.#bound.set(id, lane);
      this.#signatures.set(id, (this.#signatures.get(id) ?? 0) + 1);
    }
  }

  async #ask(request: SignTransactionRequest, replica: number): Promise<SignTransactionResponse | undefined> {
    try {
      const answer = await replicas[replica]?.client.signTransaction(request);
      if (answer === undefined) return undefined;
      seen.signed += 1;
      this.#signed.push({
        envelope: answer.signedTransaction,
        hash: Buffer.from(answer.transactionHash).toString('hex'),
      });
      return answer;
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      seen.refused += 1;
      return undefined;
    }
  }

  submitEverything(): void {
    time.offer(this.#signed);
  }

  check(): void {
    const paid = new Map<string, bigint[]>();
    for (const { envelope, hash } of new Map(this.#signed.map((signed) => [signed.hash, signed])).values()) {
      const outcome = rpc.ledger.transaction(hash)?.result.result.type;
      if (outcome === 'txFailed') seen.failedOnLedger += 1;
      if (outcome !== 'txSuccess') continue;
      for (const amount of amountsPaidBy(envelope)) {
        const id = this.#idOf(amount);
        paid.set(id, [...(paid.get(id) ?? []), amount]);
      }
    }
    for (const [id, amounts] of paid) expect([id, amounts]).toEqual([id, [amounts[0]]]);
    const after = rpc.ledger.account(world.keys.stellar.address)?.balance ?? 0n;
    const total = [...paid.values()].reduce((sum, [amount = 0n]) => sum + amount, 0n);
    expect(this.#before - after).toBe(total);

    seen.paid += paid.size;
    seen.unpaid += PAYOUTS - paid.size;
    seen.rebuilt += [...this.#signatures.values()].filter((count) => count > 1).length;
  }

  #idOf(amount: bigint): string {
    const found = this.#payouts.find((payout) => payout.amount === amount || payout.amount + OTHER === amount);
    if (found === undefined) throw new Error(`the ledger paid ${amount}, which no payout is for`);
    return found.id;
  }
}

/** Read by the SDK, not by our own decoder. */
function amountsPaidBy(envelope: Uint8Array): bigint[] {
  const transaction = TransactionBuilder.fromXdr(Buffer.from(envelope).toString('base64'), PASSPHRASE);
  if (!('operations' in transaction)) throw new Error('expected no fee bump');
  return transaction.operations.flatMap((operation) =>
    operation.type === 'payment' ? [BigInt(operation.amount.replace('.', ''))] : [],
  );
}
