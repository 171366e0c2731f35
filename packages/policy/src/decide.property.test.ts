import type { AssetId, ChainId } from '@countersign/chains/caip';
import { assetContract } from '@countersign/chains/stellar/contract';
import type { StellarMemo } from '@countersign/chains/transfer';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CALLER, SOROBAN, SSH_KEYS } from '../testing/files.ts';
import { decide } from './decide.ts';
import { policySchema } from './schema.ts';

// Policies as they stand in a file, held against what the rules say in plain words: nothing of the package but its two faces.

const NETWORK = 'Test SDF Network ; September 2015';
const TREASURY = 'GAAZI4TCR3TY5OJHCTJC2A4QSY6CJWJH5IAJTGKIN2ER7LBNVKOCCWN7';
const CHANNEL = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const NOBODY = 'GAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAWHF';
const ANN = 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ';
const ANN_0 = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ';
const ANN_1 = 'MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK';
const ISSUER = 'GA5ZSEJYB37JRC5AVCIA5MOP4RHTM335X2KGX3IHOJAPP5RE34K4KZVN';
const VAULT = 'CAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD2KM';
const XLM = 'stellar:testnet/slip44:148' as AssetId;
const USD = `stellar:testnet/asset:USD-${ISSUER}` as AssetId;
const EUR = `stellar:testnet/asset:EUR-${ISSUER}` as AssetId;
const UNIT = 10_000_000n;

const PAYABLE = [ANN, ANN_0, ANN_1, ISSUER, VAULT];
const USD_CONTRACT = assetContract(NETWORK, USD);
const NEVER = [TREASURY, CHANNEL, NOBODY, assetContract(NETWORK, XLM), USD_CONTRACT];
const MEMOS: Readonly<Record<string, StellarMemo>> = {
  'text:1': { type: 'text', value: '1' },
  'text:id:1': { type: 'text', value: 'id:1' },
  'id:1': { type: 'id', value: 1n },
  [`hash:${'01'.repeat(32)}`]: { type: 'hash', value: new Uint8Array(32).fill(1) },
  [`return:${'01'.repeat(32)}`]: { type: 'return', value: new Uint8Array(32).fill(1) },
};
const memoWords = Object.keys(MEMOS);

const units = fc.integer({ min: 1, max: 4 });
const limits = fc.record({
  payout: fc.integer({ min: 2, max: 5 }),
  transaction: fc.option(fc.integer({ min: 3, max: 9 }), { freq: 1 }),
  approval: fc.option(fc.integer({ min: 0, max: 5 }), { freq: 1 }),
});
type Limits = typeof limits extends fc.Arbitrary<infer T> ? T : never;
const memoRule = fc.oneof(fc.constantFrom('none', 'any', 'any'), fc.subarray(['none', ...memoWords], { minLength: 1 }));
const list = fc
  .uniqueArray(fc.constantFrom(...PAYABLE))
  .chain((addresses) =>
    fc.tuple(
      ...addresses.map((address) =>
        memoRule.map((memo) => ({ address, memo: address.startsWith('G') ? memo : 'none' })),
      ),
    ),
  );
const rules = fc.record({
  destinations: fc.oneof(list, fc.constant('any' as const)),
  memo: fc.constantFrom('none', 'any'),
  assets: fc
    .tuple(limits, fc.option(limits, { freq: 1 }))
    .map(
      ([xlm, usd]): Readonly<Record<string, Limits>> => (usd === null ? { [XLM]: xlm } : { [XLM]: xlm, [USD]: usd }),
    ),
  approvals: fc.option(fc.record({ threshold: fc.integer({ min: 1, max: 3 }), unlisted: fc.boolean() })),
});
type Rules = typeof rules extends fc.Arbitrary<infer T> ? T : never;

const payout = fc.record({
  payoutId: fc.constantFrom('po_1', 'po_2'),
  destination: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...PAYABLE) },
    { weight: 1, arbitrary: fc.constantFrom(...NEVER) },
  ),
  memo: fc.option(fc.constantFrom(...memoWords), { freq: 1 }),
  asset: fc.oneof(
    { weight: 19, arbitrary: fc.constantFrom(XLM, XLM, USD) },
    { weight: 1, arbitrary: fc.constant(EUR) },
  ),
  amount: fc.tuple(units, fc.constantFrom(-1n, 0n, 1n)).map(([of, off]) => BigInt(of) * UNIT + off),
  approvers: fc.subarray(['alice', 'bob', 'clara', 'mallory']),
});
type Payout = typeof payout extends fc.Arbitrary<infer T> ? T : never;

/** The rules as a file. What would not load beside the rest is left out. */
function fileOf({ destinations, memo, assets, approvals }: Rules) {
  const anybody = destinations === 'any';
  const entries = Object.entries(assets).map(([id, { payout, transaction, approval }]) => [
    id,
    {
      max_per_payout: String(payout),
      ...(transaction !== null && { max_per_transaction: String(Math.max(transaction, payout)) }),
      ...(approval !== null && approvals !== null && { approval_above: String(Math.min(approval, payout)) }),
      ...(anybody && { windows: [{ seconds: 60, max_amount: '1000', max_count: 100 }] }),
    },
  ]);
  return {
    version: 1,
    environment: 'test',
    keys: {
      k: {
        callers: { [CALLER]: ['payout'] },
        fee_budget: [{ seconds: 60, max: '100' }],
        ...(approvals !== null && {
          approvals: {
            threshold: approvals.threshold,
            approvers: SSH_KEYS,
            unlisted_destinations: approvals.unlisted && !anybody,
            max_lifetime_seconds: 60,
          },
        }),
        stellar: {
          network_passphrase: NETWORK,
          account: TREASURY,
          channels: [CHANNEL],
          destinations,
          ...(anybody && { memo }),
          assets: Object.fromEntries(entries),
          max_fee: '0.1',
          max_lifetime_seconds: 300,
          allow_create_account: false,
          soroban: SOROBAN,
        },
      },
    },
  };
}

const accountOf = (address: string) => (address === ANN_0 || address === ANN_1 ? ANN : address);

/** Whether the rules allow a payout, in plain words. */
function mayPay({ destinations, memo: rule, assets, approvals }: Rules, payout: Payout): boolean {
  const { destination, memo, asset, amount } = payout;
  const approved =
    approvals !== null && payout.approvers.filter((name) => name !== 'mallory').length >= approvals.threshold;
  // The contract of an asset that is not listed looks like any other.
  if (NEVER.includes(destination) && !(destination === USD_CONTRACT && assets[USD] === undefined)) return false;
  if (memo !== null && !destination.startsWith('G')) return false;
  if (asset !== XLM && asset !== USD) return false;
  if (asset === USD && accountOf(destination) === ISSUER) return false;
  const limit = assets[asset];
  if (limit === undefined || amount > BigInt(limit.payout) * UNIT) return false;
  if (limit.approval !== null && approvals !== null && amount > BigInt(limit.approval) * UNIT && !approved)
    return false;
  if (destinations === 'any') return rule === 'any' || memo === null;
  const entry = destinations.find(({ address }) => address === destination);
  const bound = entry !== undefined && (entry.memo === 'any' || [entry.memo].flat().includes(memo ?? 'none'));
  return bound || (approvals?.unlisted === true && approved);
}

function mayPayTogether({ assets }: Rules, payouts: readonly Payout[]): boolean {
  return Object.entries(assets).every(([id, { payout, transaction }]) => {
    if (transaction === null) return true;
    const sum = payouts.filter(({ asset }) => asset === id).reduce((total, { amount }) => total + amount, 0n);
    return sum <= BigInt(Math.max(transaction, payout)) * UNIT;
  });
}

test('what is allowed is what the rules say, payout by payout and all together', () => {
  const seen = { allowed: 0, denied: 0 };
  fc.assert(
    fc.property(rules, fc.array(payout, { minLength: 1, maxLength: 3 }), (given, payouts) => {
      const policy = policySchema.parse(fileOf(given)).keys.get('k');
      if (policy === undefined) throw new Error('expected the key k');
      const decision = decide(policy, {
        caller: CALLER,
        purpose: 'payout',
        transaction: {
          kind: 'stellar',
          chain: 'stellar:testnet' as ChainId,
          hash: new Uint8Array(32),
          source: CHANNEL,
          sequence: 1n,
          fee: 100n,
          minTime: 0n,
          maxTime: 1_800_000_100n,
          operations: [{ type: 'bumpSequence', bumpTo: 1024n }],
        },
        payouts: payouts.map(({ memo, approvers, ...terms }) => {
          const written = memo === null ? undefined : MEMOS[memo];
          return { ...terms, approvers: new Set(approvers), ...(written && { memo: written }) };
        }),
        now: 1_800_000_000n,
      });
      const guilty = payouts.flatMap((each, i) => (mayPay(given, each) ? [] : [i]));
      const together = mayPayTogether(given, payouts);
      expect(decision.allowed).toBe(guilty.length === 0 && together);
      const reasons = decision.allowed ? [] : decision.reasons;
      const named = reasons.flatMap(({ message }) => /^payouts\[(\d+)\]/.exec(message)?.[1] ?? []);
      expect([...new Set(named.map(Number))]).toEqual(guilty);
      expect(reasons.some(({ code }) => code === 'TRANSACTION_AMOUNT_ABOVE_LIMIT')).toBe(!together);
      seen[decision.allowed ? 'allowed' : 'denied']++;
    }),
    { numRuns: 1_000 },
  );
  // A property that only ever saw one answer would say little.
  expect(Math.min(seen.allowed, seen.denied)).toBeGreaterThan(50);
});
