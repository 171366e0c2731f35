import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import type { Operation, TransactionEnvelope } from '@stellar/stellar-sdk/xdr';
import fc from 'fast-check';
import { buildFeeBump, createHarness, type Harness, LUMEN, newKeys, timeBounds } from '../testing/harness.ts';
import {
  bump,
  create,
  data,
  issued,
  muxed,
  pay,
  payAsset,
  set,
  setLineFlags,
  signer,
  trust,
} from '../testing/operations.ts';
import { loadOracle } from '../testing/oracle.ts';
import { TOTAL_COINS } from './network.ts';
import { succeeded } from './result.ts';

const oracle = await loadOracle();
const people = Array.from({ length: 4 }, newKeys);
const strangers = Array.from({ length: 2 }, newKeys);
const everyone = [...people, ...strangers];
const oneOf = (keys: readonly Keypair[]) => fc.constantFrom(...keys);

const amount = fc.oneof(fc.bigInt({ min: -1n, max: 3n * LUMEN }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }));
const weight = fc.integer({ min: 0, max: 3 });

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc
    .record({ to: oneOf(everyone), amount, source: fc.option(oneOf(everyone)) })
    .map((o) => pay(o.to, o.amount, o.source ?? undefined)),
  fc
    .record({ to: oneOf(everyone), amount, source: fc.option(oneOf(everyone)) })
    .map((o) => create(o.to, o.amount, o.source ?? undefined)),
  fc
    .record({ by: fc.bigInt({ min: -1n, max: 5n * 2n ** 32n }), source: fc.option(oneOf(everyone)) })
    .map((o) => bump(o.by, o.source ?? undefined)),
  fc
    .record({ key: oneOf(everyone), weight, source: fc.option(oneOf(people)) })
    .map((o) => set({ signer: signer(o.key, o.weight) }, o.source ?? undefined)),
  fc.record({ lowThreshold: weight, medThreshold: weight }).map((o) => set(o)),
);

const [usdIssuer = newKeys(), longIssuer = newKeys()] = people;
const assets = [issued('USD', usdIssuer), issued('LONGUSD', longIssuer)] as const;
const asset = fc.constantFrom(...assets);
const units = fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }));
const lineFlags = fc.integer({ min: 0, max: 3 });
const source = fc.option(oneOf(people), { nil: undefined });

const issuedOperation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(asset, oneOf(everyone), units, source).map((o) => payAsset(...o)) },
  { weight: 2, arbitrary: fc.tuple(asset, units, source).map((o) => trust(...o)) },
  {
    weight: 1,
    arbitrary: fc
      .record({ of: asset, trustor: oneOf(people), set: lineFlags, clear: lineFlags, by: source })
      .map(({ of, trustor, by, ...flags }) => setLineFlags(trustor, of, flags, by)),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'b'), fc.option(fc.string(), { nil: undefined }), source)
      .map((o) => data(...o)),
  },
  { weight: 1, arbitrary: fc.record({ setFlags: lineFlags }).map((o) => set(o)) },
);

interface Attempt {
  source: Keypair;
  operations: Operation[];
  offset: bigint;
  fee: number;
  signers: Keypair[];
  sponsor: Keypair | null;
  sponsorFee: bigint;
}

const attempt: fc.Arbitrary<Attempt> = fc.record({
  source: oneOf(people),
  operations: fc.array(fc.oneof(operation, issuedOperation), { minLength: 1, maxLength: 4 }),
  offset: fc.oneof(
    { weight: 5, arbitrary: fc.constant(1n) },
    { weight: 1, arbitrary: fc.bigInt({ min: -1n, max: 3n }) },
  ),
  fee: fc.integer({ min: 0, max: 5_000 }),
  signers: fc.subarray(everyone),
  sponsor: fc.option(oneOf(people), { freq: 3 }),
  sponsorFee: fc.bigInt({ min: 0n, max: 50_000n }),
});

const command = fc.oneof(
  { weight: 3, arbitrary: attempt.map((value) => ({ type: 'send' as const, value })) },
  { weight: 1, arbitrary: fc.bigInt({ min: 1n, max: 9n }).map((value) => ({ type: 'close' as const, value })) },
);

describe('whatever is sent', () => {
  test('lumens are conserved, sequence numbers never fall, and all that is recorded is valid XDR', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 25 }), (commands) => {
        const harness = createHarness();
        const { root, ledger, close } = harness;
        harness.apply({ source: root, operations: people.map((keys) => create(keys, 20n * LUMEN)) });
        const hashes: string[] = [];
        for (const { type, value } of [...commands, { type: 'close' as const, value: 5n }]) {
          if (type === 'send') {
            const answer = harness.send(build(harness, value));
            if (answer.status === 'PENDING') hashes.push(answer.hash);
            kinds.add(answer.status);
            continue;
          }
          const before = new Map(ledger.accounts().map((account) => [account.address, account]));
          close(value);
          const accounts = ledger.accounts();
          expect(accounts.reduce((sum, { balance }) => sum + balance, ledger.feePool())).toBe(TOTAL_COINS);
          for (const account of accounts) {
            expect(account.balance).toBeGreaterThanOrEqual(0n);
            const earlier = before.get(account.address);
            if (earlier) expect(account.sequence).toBeGreaterThanOrEqual(earlier.sequence);
          }
          expect(accounts.length).toBeGreaterThanOrEqual(before.size);
        }
        oracle('LedgerCloseMeta', ledger.latest().metadata);
        for (const hash of hashes) {
          const included = ledger.transaction(hash);
          if (!included) continue;
          kinds.add(succeeded(included.result) ? 'SUCCESS' : 'FAILED');
          oracle('TransactionMeta', included.meta);
          oracle('TransactionResult', included.result);
        }
      }),
      { numRuns: 30 },
    );
    expect([...kinds]).toEqual(expect.arrayContaining(['ERROR', 'FAILED', 'PENDING', 'SUCCESS', 'TRY_AGAIN_LATER']));
  });
});

function build(harness: Harness, { source, operations, offset, fee, signers, sponsor, sponsorFee }: Attempt) {
  const sequence = harness.account(source).sequence + offset;
  const inner = harness.envelope({ source, operations, sequence, fee, signers: needed(operations, source, signers) });
  return sponsor ? buildFeeBump(inner, sponsor, sponsorFee) : inner;
}

/** The signatures that the operations need; now and then one more. */
function needed(operations: readonly Operation[], source: Keypair, others: readonly Keypair[]): Keypair[] {
  const owners = everyone.filter((keys) => operations.some(({ sourceAccount }) => sourceAccount?.equals(muxed(keys))));
  const extra = others.length === everyone.length ? others.slice(0, 1) : [];
  return [...new Set([source, ...owners, ...extra])];
}

describe('a lane: transactions on one channel, each closed by a bump to the end of the same range', () => {
  const WIDTH = 16n;
  type Step =
    | { type: 'attempt'; place: bigint; sum: bigint; payee: Keypair; expires: boolean; delay: number }
    | { type: 'replay'; which: number }
    | { type: 'bump'; which: number; fee: bigint }
    | { type: 'close'; seconds: bigint };
  const step: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant('attempt' as const),
        place: fc.bigInt({ min: 1n, max: WIDTH }),
        sum: fc.oneof(fc.constant(LUMEN), fc.constant(1_000n * LUMEN)),
        payee: oneOf([people[0] ?? newKeys(), strangers[0] ?? newKeys()]),
        expires: fc.boolean(),
        delay: fc.constantFrom(0, 0, 0, 1, Number.POSITIVE_INFINITY),
      }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('replay' as const), which: fc.nat() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('bump' as const),
        which: fc.nat(),
        fee: fc.bigInt({ min: 200n, max: 20_000n }),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({ type: fc.constant('close' as const), seconds: fc.bigInt({ min: 1n, max: 20n }) }),
    },
  );

  test('at most one of them ever succeeds, and the payee is paid at most once', () => {
    let successes = 0;
    let failures = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const harness = createHarness();
        const { root, ledger, account, now, close } = harness;
        const [payee, missing] = [people[0], strangers[0]];
        if (!payee || !missing) throw new Error('no payees');
        harness.apply({ source: root, operations: [create(payee, LUMEN)] });
        const [channel, treasury] = [harness.fund(50n * LUMEN), harness.fund(50n * LUMEN)];
        const start = ((account(channel).sequence + WIDTH) / WIDTH) * WIDTH;
        harness.apply({ source: channel, operations: [bump(start)] });
        const end = start + WIDTH;
        const sent: TransactionEnvelope[] = [];
        const hashes = new Set<string>();
        const submit = (envelope: TransactionEnvelope, delay = 0) => {
          const answer = ledger.submit(envelope.toXdr(), now(), delay);
          if (answer.status === 'PENDING') hashes.add(answer.hash);
        };
        for (const each of [...steps, { type: 'close' as const, seconds: 5n }]) {
          const old = 'which' in each ? sent[each.which % Math.max(1, sent.length)] : undefined;
          if (each.type === 'close') close(each.seconds);
          else if (each.type === 'replay' && old) submit(old);
          else if (each.type === 'bump' && old) submit(buildFeeBump(old, treasury, each.fee));
          else if (each.type === 'attempt') {
            const { sequence } = account(channel);
            const next = sequence + 1n > start && sequence + 1n <= end ? sequence + 1n : start + each.place;
            const envelope = harness.envelope({
              source: channel,
              sequence: each.expires ? next : start + each.place,
              operations: [pay(each.payee, each.sum, treasury), bump(end)],
              preconditions: timeBounds(0n, each.expires ? now() + 25n : 0n),
              signers: [channel, treasury],
            });
            sent.push(envelope);
            submit(envelope, each.delay);
          }
        }
        const included = new Set([...hashes].flatMap((hash) => ledger.transaction(hash) ?? []));
        const good = [...included].filter(({ result }) => succeeded(result)).length;
        successes += good;
        failures += included.size - good;
        expect(good).toBeLessThanOrEqual(1);
        expect(account(payee).balance).toBe(LUMEN + (good === 1 ? LUMEN : 0n));
        if (good === 1) expect(account(channel).sequence).toBe(end);
      }),
      { numRuns: 40 },
    );
    expect(successes).toBeGreaterThan(3);
    expect(failures).toBeGreaterThan(3);
  });
});
