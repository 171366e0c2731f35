import { CountersignError } from '@countersign/contract/errors';
import type { SignTransactionRequest } from '@countersign/contract/signer';
import { freePorts } from '@countersign/dev/free-ports';
import { generateKeys } from '@countersign/dev/keys';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toHex } from 'viem';
import { z } from 'zod';
import { type Anvil, startAnvil } from '../harness/anvil.ts';
import { cancelRequest, evmRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';

const RUNS = Number(process.env['LANE_RUNS'] ?? 20);
const PAYOUTS = 5;
const GWEI = 1_000_000_000n;

// What a control plane that is buggy, crashing or taken over may do, in any order.
const replica = fc.constantFrom(0, 1);
const pick = fc.nat({ max: 999 });
const ahead = fc.constantFrom(0n, 0n, 0n, 1n, 2n);
const action = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('sign' as const),
      payout: fc.integer({ min: 0, max: PAYOUTS - 1 }),
      // Beyond the nonce that the chain expects next.
      ahead,
      // Mostly replaces on the nonce that the payout has, as an honest control plane would.
      loyal: fc.constantFrom(true, true, false),
      // In gwei; a higher one can replace a lower one in the pool.
      tip: fc.bigInt({ min: 1n, max: 30n }),
      otherAmount: fc.constantFrom(true, false, false, false, false),
      replica,
      fault: fc.constantFrom('none', 'none', 'none', 'reset', 'wrong-signature'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), ahead, replica }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('submit' as const), which: pick }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('mine' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay' as const), which: pick, replica }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), replica }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

let world: SignerWorld;
let anvil: Anvil;
let recipient: string;
let serial = 0;
const replicas: Replica[] = [];
const seen = { signed: 0, refused: 0, replaced: 0, paid: 0, unpaid: 0 };

const startReplica = (i: number) => world.start({ name: `signer-${i}` });

beforeAll(async () => {
  recipient = generateKeys(0).evm.address;
  const stellar = generateKeys(1).channels.map((key) => key.publicKey());
  world = await openSignerWorld({ recipients: { stellar, contracts: [], evm: [recipient] } });
  const [port = 0] = await freePorts(1);
  anvil = await startAnvil(port);
  await anvil.rpc('anvil_setBalance', world.keys.evm.address, toHex(10n ** 24n));
  replicas.push(await startReplica(0), await startReplica(1));
}, 60_000);
afterAll(async () => {
  await anvil[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

test('whatever is asked, submitted, replaced or replayed, the chain pays no payout id twice', async () => {
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
  await run.submitEverything();
  await run.check();
}

async function quantity(method: string, ...params: unknown[]): Promise<bigint> {
  return BigInt(String(await anvil.rpc(method, ...params)));
}

/** Every transaction that was ever signed for a payout: a gap that one history leaves lets the next one's block mine it. */
const everSigned = new Map<string, { readonly id: string; readonly amount: bigint }>();

/** One history, over payouts of its own. */
class Run {
  readonly #payouts = Array.from({ length: PAYOUTS }, () => {
    serial += 1;
    return { id: `po_${serial}`, amount: 1_000_000n + BigInt(serial), other: 2_000_000n + BigInt(serial) };
  });
  readonly #nonces = new Map<string, bigint>();
  readonly #requests: SignTransactionRequest[] = [];
  readonly #signed: Uint8Array[] = [];
  readonly #signatures = new Map<string, number>();

  async step(action: Action): Promise<void> {
    switch (action.kind) {
      case 'sign':
        return this.#sign(action);
      case 'cancel': {
        const next = await this.#nextNonce();
        await this.#ask(cancelRequest(world, next + action.ahead, next), action.replica);
        return;
      }
      case 'submit':
        return this.#submit(this.#signed[action.which % this.#signed.length]);
      case 'mine':
        await anvil.rpc('evm_mine');
        return;
      case 'replay': {
        const request = this.#requests[action.which % this.#requests.length];
        if (request !== undefined) await this.#ask(request, action.replica);
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

  async #sign(action: Extract<Action, { kind: 'sign' }>): Promise<void> {
    const payout = this.#payouts[action.payout];
    if (payout === undefined) return;
    const next = await this.#nextNonce();
    const nonce = (action.loyal ? this.#nonces.get(payout.id) : undefined) ?? next + action.ahead;
    const terms = { id: payout.id, amount: action.otherAmount ? payout.other : payout.amount };
    const fees = { maxFeePerGas: (100n + 10n * action.tip) * GWEI, maxPriorityFeePerGas: action.tip * GWEI };
    const request = evmRequest(world, terms, { nonce, ...fees }, { lowestOpenNonce: next });
    this.#requests.push(request);
    if (action.fault !== 'none') world.kms.faults.add({ kind: action.fault, times: 1 });
    const signed = await this.#ask(request, action.replica);
    world.kms.faults.clear();
    if (!signed) return;
    this.#nonces.set(payout.id, nonce);
    this.#signatures.set(payout.id, (this.#signatures.get(payout.id) ?? 0) + 1);
  }

  async #ask(request: SignTransactionRequest, replica: number): Promise<boolean> {
    try {
      const answer = await replicas[replica]?.client.signTransaction(request);
      if (answer === undefined) return false;
      seen.signed += 1;
      this.#signed.push(answer.signedTransaction);
      const [paid] = request.payouts;
      if (paid !== undefined) {
        everSigned.set(toHex(answer.transactionHash), { id: paid.payoutId, amount: BigInt(paid.amount) });
      }
      return true;
    } catch (error) {
      if (!(error instanceof CountersignError)) throw error;
      seen.refused += 1;
      return false;
    }
  }

  async #submit(signed: Uint8Array | undefined): Promise<void> {
    // What the node says (known, too low, underpriced) is not what decides here.
    if (signed !== undefined) await anvil.rpc('eth_sendRawTransaction', toHex(signed)).catch(() => undefined);
  }

  #nextNonce(): Promise<bigint> {
    return quantity('eth_getTransactionCount', world.keys.evm.address, 'latest');
  }

  /** The worst end: everything that was ever signed is offered to the chain again and again, forwards and backwards. */
  async submitEverything(): Promise<void> {
    for (const order of [this.#signed, this.#signed.toReversed(), this.#signed]) {
      for (const signed of order) {
        await this.#submit(signed);
        await anvil.rpc('evm_mine');
      }
    }
  }

  async check(): Promise<void> {
    const paid = new Map<string, bigint[]>();
    for (const [hash, { id, amount }] of everSigned) {
      const receipt = z
        .object({ status: z.string() })
        .nullable()
        .parse(await anvil.rpc('eth_getTransactionReceipt', hash));
      if (receipt?.status === '0x1') paid.set(id, [...(paid.get(id) ?? []), amount]);
    }
    for (const [id, amounts] of paid) expect([id, amounts]).toEqual([id, [amounts[0]]]);
    const total = [...paid.values()].reduce((sum, [amount = 0n]) => sum + amount, 0n);
    expect(await quantity('eth_getBalance', recipient, 'latest')).toBe(total);

    const ours = this.#payouts.filter(({ id }) => paid.has(id)).length;
    seen.paid += ours;
    seen.unpaid += PAYOUTS - ours;
    seen.replaced += [...this.#signatures.values()].filter((count) => count > 1).length;
  }
}
