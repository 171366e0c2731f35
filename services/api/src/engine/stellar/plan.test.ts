import { type AssetId, issuedAsset, nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { describe, expect, test } from '@jest/globals';
import { Account, Keypair, MuxedAccount } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import type { Payout } from '../payouts.ts';
import { accountKey, LEAST_NEW_BALANCE } from './account.ts';
import type { Surroundings } from './judge.ts';
import { planBatch } from './plan.ts';
import type { Holding } from './treasury.ts';
import { issued, lineName, type Trustline, trustlineKey } from './trustline.ts';

const chain = stellarChainId('Test SDF Network ; September 2015');
const ACCOUNTS = Array.from({ length: 5 }, () => Keypair.random().publicKey());
const muxed = (account: string, id: number) => new MuxedAccount(new Account(account, '0'), `${id}`).accountId();

const NATIVE = nativeAsset(chain);
const ISSUER = Keypair.random().publicKey();
const USDC = issuedAsset(chain, 'USDC', ISSUER);
const LONG = issuedAsset(chain, 'USDCOINS', ISSUER);

const payout = (
  id: string,
  destination: string,
  amount: bigint,
  memo?: Payout['memo'],
  asset: AssetId = NATIVE,
): Payout => ({
  id,
  chain,
  asset,
  amount,
  decimals: 7,
  destination,
  memo,
  keyId: 'k',
  status: 'created',
  requestId: 'r',
});
const around = (changes: Partial<Surroundings> = {}): Surroundings => ({
  existing: new Set(ACCOUNTS),
  memoRequired: new Set(),
  beingCreated: new Set(),
  awaited: new Set(),
  lines: new Map(),
  frozen: { has: () => false },
  holdings: holding(10n ** 18n),
  ...changes,
});
const holding = (native: bigint, of: readonly (readonly [AssetId, Partial<Holding>])[] = []) =>
  new Map<AssetId, Holding>([
    [NATIVE, { available: native, paused: undefined }],
    ...of.map(([asset, held]): [AssetId, Holding] => [asset, { available: 0n, paused: undefined, ...held }]),
  ]);
const line = (owner: string, asset: AssetId, held: Partial<Trustline> = {}): [string, Trustline] => {
  const named = issued(asset);
  if (named === undefined) throw new Error('expected an issued asset');
  return [lineName(owner, named), { available: 0n, room: 1_000n, authorized: true, ...held }];
};
const [A = '', B = ''] = ACCOUNTS;

describe('planBatch', () => {
  test('refuses a destination that asks for a memo and gets none (SEP-29), not one that carries its own', () => {
    const memoRequired = new Set([A]);
    const plan = planBatch(
      [
        payout('1', A, 1n),
        payout('2', A, 1n, { type: 'text', value: 'x' }),
        payout('3', muxed(A, 1), 1n),
        payout('4', B, 1n),
      ],
      around({ memoRequired }),
    );
    expect(plan.failed.map(({ payout: { id }, reason }) => [id, reason.code])).toEqual([['1', 'MEMO_REQUIRED']]);
    expect(plan.payments.map(({ payout: { id } }) => id)).toEqual(['2', '3', '4']);
  });

  test('refuses what is no account', () => {
    const contract = 'CDLZFC3SYJYDZT7K67VZ75HPJVIEUVNIXF47ZG2FB2RMQQVU2HHGCYSC';
    expect(planBatch([payout('1', contract, 1n)], around()).failed[0]?.reason.code).toBe('DESTINATION_NOT_SUPPORTED');
  });

  test('pays an M… address of an account that the same batch creates, after the creation', () => {
    const plan = planBatch(
      [payout('1', muxed(A, 1), 1n), payout('2', A, LEAST_NEW_BALANCE)],
      around({ existing: new Set() }),
    );
    expect(plan.payments.map(({ payout: { id }, createAccount }) => [id, createAccount])).toEqual([
      ['2', true],
      ['1', false],
    ]);
  });

  test('lets a smaller payout pass one that the treasury cannot pay', () => {
    const plan = planBatch([payout('1', A, 100n), payout('2', B, 5n)], around({ holdings: holding(50n) }));
    expect(plan.payments.map(({ payout: { id } }) => id)).toEqual(['2']);
    expect(plan.waiting.map(({ payout: { id }, reason }) => [id, reason.code])).toEqual([
      ['1', 'TREASURY_UNDERFUNDED'],
    ]);
  });

  test('keeps all who need an account waiting when its creation cannot be paid', () => {
    const amounts = [LEAST_NEW_BALANCE, 1n];
    const payouts = amounts.map((amount, i) => payout(`${i}`, A, amount));
    const plan = planBatch(payouts, around({ existing: new Set(), holdings: holding(10n) }));
    expect(plan.payments).toEqual([]);
    expect(plan.waiting.map(({ payout: { id } }) => id).sort()).toEqual(['0', '1']);
  });

  test('has a payout wait for the account that a waiting one will create', () => {
    const existing = new Set<string>();
    const plan = planBatch([payout('1', A, 1n), payout('2', B, 1n)], around({ existing, awaited: new Set([A]) }));
    expect(plan.waiting.map(({ payout: { id }, reason }) => [id, reason.code])).toEqual([
      ['1', 'DESTINATION_BEING_CREATED'],
    ]);
    expect(plan.failed.map(({ payout: { id } }) => id)).toEqual(['2']);
  });

  describe('of an issued asset', () => {
    const codes = (payouts: readonly Payout[], changes: Partial<Surroundings>) => {
      const held = [USDC, LONG].map((asset): [AssetId, Partial<Holding>] => [asset, { available: 10n ** 18n }]);
      const plan = planBatch(payouts, around({ holdings: holding(0n, held), ...changes }));
      return {
        paid: plan.payments.map(({ payout: { id } }) => id),
        failed: plan.failed.map(({ payout: { id }, reason }) => `${id} ${reason.code}`),
        waiting: plan.waiting.map(({ payout: { id }, reason }) => `${id} ${reason.code}`),
      };
    };
    const usdc = (id: string, destination: string, amount: bigint) => payout(id, destination, amount, undefined, USDC);

    test('refuses what its destination cannot take, and pays the rest', () => {
      const [, , C = '', D = '', E = ''] = ACCOUNTS;
      const nobody = Keypair.random().publicKey();
      const lines = new Map([
        line(A, USDC),
        line(B, LONG),
        line(C, USDC, { authorized: false }),
        line(D, USDC, { room: 9n }),
        line(E, USDC),
      ]);
      const payouts = [A, B, C, D, E, nobody, ISSUER].map((account, i) => usdc(`${i}`, account, 10n));
      expect(codes(payouts, { lines, memoRequired: new Set([E]) })).toEqual({
        paid: ['0'],
        failed: [
          '1 DESTINATION_NO_TRUSTLINE',
          '2 DESTINATION_NOT_AUTHORIZED',
          '3 DESTINATION_LINE_FULL',
          '4 MEMO_REQUIRED',
          '5 DESTINATION_UNFUNDED',
          '6 DESTINATION_IS_ISSUER',
        ],
        waiting: [],
      });
    });

    test('fills a line up to its limit with the first that fit, under whatever address', () => {
      const lines = new Map([line(A, USDC, { room: 10n })]);
      const payouts = [usdc('0', A, 6n), usdc('1', muxed(A, 1), 5n), usdc('2', muxed(A, 2), 4n), usdc('3', A, 1n)];
      expect(codes(payouts, { lines })).toEqual({
        paid: ['0', '2'],
        failed: ['1 DESTINATION_LINE_FULL', '3 DESTINATION_LINE_FULL'],
        waiting: [],
      });
    });

    test('takes no room for one that waits for money', () => {
      const lines = new Map([line(A, USDC, { room: 10n })]);
      const holdings = holding(0n, [[USDC, { available: 9n }]]);
      expect(codes([usdc('0', A, 10n), usdc('1', A, 9n)], { lines, holdings })).toEqual({
        paid: ['1'],
        failed: [],
        waiting: ['0 TREASURY_UNDERFUNDED'],
      });
    });

    test('that the treasury cannot pay waits, and keeps no other asset waiting', () => {
      const lines = new Map([line(A, USDC), line(A, LONG)]);
      const paused = { code: 'TREASURY_NOT_AUTHORIZED', detail: '' };
      const holdings = holding(5n, [
        [USDC, { available: 100n, paused }],
        [LONG, { available: 2n }],
      ]);
      const payouts = [
        usdc('0', A, 1n),
        payout('1', A, 5n),
        payout('2', A, 3n, undefined, LONG),
        payout('3', A, 2n, undefined, LONG),
      ];
      expect(codes(payouts, { lines, holdings })).toEqual({
        paid: ['1', '3'],
        failed: [],
        waiting: ['0 TREASURY_NOT_AUTHORIZED', '2 TREASURY_UNDERFUNDED'],
      });
    });

    test('is not paid to an account that the same batch creates: it has no trustline', () => {
      const payouts = [payout('0', A, LEAST_NEW_BALANCE), usdc('1', A, 1n), payout('2', A, 1n)];
      const holdings = holding(10n ** 18n, [[USDC, { available: 10n }]]);
      expect(codes(payouts, { existing: new Set(), holdings })).toEqual({
        paid: ['0', '2'],
        failed: ['1 DESTINATION_UNFUNDED'],
        waiting: [],
      });
    });

    test('is stopped by a frozen trustline, and lumens by a frozen account, each alone', () => {
      const asset = issued(USDC);
      if (asset === undefined) throw new Error('expected an issued asset');
      const frozen = new Set([accountKey(A).toXdr('base64'), trustlineKey(B, asset).toXdr('base64')]);
      const lines = new Map([line(A, USDC), line(B, USDC)]);
      const holdings = holding(10n, [[USDC, { available: 10n }]]);
      const payouts = [payout('0', A, 1n), usdc('1', A, 1n), payout('2', B, 1n), usdc('3', muxed(B, 1), 1n)];
      expect(codes(payouts, { lines, holdings, frozen: { has: (key) => frozen.has(key.toXdr('base64')) } })).toEqual({
        paid: ['1', '2'],
        failed: ['0 TX_FROZEN_KEY_ACCESSED', '3 TX_FROZEN_KEY_ACCESSED'],
        waiting: [],
      });
    });
  });

  test('always gives every payout one place, creates an account once and first, and spends no more than there is', () => {
    const wanted = fc.array(
      fc.record({
        to: fc.nat(4),
        mux: fc.boolean(),
        amount: fc.oneof(fc.bigInt(1n, 100n), fc.bigInt(1n, 3n * LEAST_NEW_BALANCE)),
        memo: fc.boolean(),
      }),
      { maxLength: 30 },
    );
    const some = fc.subarray(ACCOUNTS).map((list) => new Set(list));
    const surroundings = fc.record({
      existing: some,
      memoRequired: some,
      beingCreated: some,
      awaited: some,
      available: fc.bigInt(0n, 40n * LEAST_NEW_BALANCE),
    });
    fc.assert(
      fc.property(wanted, surroundings, (list, seen) => {
        const payouts = list.map(({ to, mux, amount, memo }, i) => {
          const account = ACCOUNTS[to] ?? '';
          return payout(
            `${i}`,
            mux ? muxed(account, i) : account,
            amount,
            memo ? { type: 'id', value: 1n } : undefined,
          );
        });
        const plan = planBatch(payouts, around({ ...seen, holdings: holding(seen.available) }));
        const placed = [...plan.payments, ...plan.failed, ...plan.waiting].map(({ payout: { id } }) => id);
        expect(placed.sort()).toEqual(payouts.map(({ id }) => id).sort());
        expect(plan.payments.reduce((sum, each) => sum + each.payout.amount, 0n)).toBeLessThanOrEqual(seen.available);
        const there = new Set(seen.existing);
        for (const { payout: each, createAccount } of plan.payments) {
          const account = ACCOUNTS[list[Number(each.id)]?.to ?? 0] ?? '';
          expect(there.has(account)).toBe(!createAccount);
          if (createAccount) expect(each.amount).toBeGreaterThanOrEqual(LEAST_NEW_BALANCE);
          there.add(account);
        }
      }),
      { numRuns: 300 },
    );
  });
});
