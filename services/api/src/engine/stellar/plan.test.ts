import { nativeAsset, stellarChainId } from '@countersign/chains/caip';
import { describe, expect, test } from '@jest/globals';
import { Account, Keypair, MuxedAccount } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import type { Payout } from '../payouts.ts';
import { LEAST_NEW_BALANCE } from './account.ts';
import { planBatch, type Surroundings } from './plan.ts';

const chain = stellarChainId('Test SDF Network ; September 2015');
const ACCOUNTS = Array.from({ length: 5 }, () => Keypair.random().publicKey());
const muxed = (account: string, id: number) => new MuxedAccount(new Account(account, '0'), `${id}`).accountId();

const payout = (id: string, destination: string, amount: bigint, memo?: Payout['memo']): Payout => ({
  id,
  chain,
  asset: nativeAsset(chain),
  amount,
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
  available: 10n ** 18n,
  ...changes,
});
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
    const plan = planBatch([payout('1', A, 100n), payout('2', B, 5n)], around({ available: 50n }));
    expect(plan.payments.map(({ payout: { id } }) => id)).toEqual(['2']);
    expect(plan.waiting.map(({ payout: { id }, reason }) => [id, reason.code])).toEqual([
      ['1', 'TREASURY_UNDERFUNDED'],
    ]);
  });

  test('keeps all who need an account waiting when its creation cannot be paid', () => {
    const amounts = [LEAST_NEW_BALANCE, 1n];
    const payouts = amounts.map((amount, i) => payout(`${i}`, A, amount));
    const plan = planBatch(payouts, around({ existing: new Set(), available: 10n }));
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
        const plan = planBatch(payouts, seen);
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
