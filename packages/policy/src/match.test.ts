import { type AssetId, type ChainId, nativeAsset } from '@countersign/chains/caip';
import type { EvmTransaction } from '@countersign/chains/evm/decode';
import type { StellarOperation, StellarTransaction } from '@countersign/chains/stellar/decode';
import type { StellarMemo } from '@countersign/chains/transfer';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Declared, DeclaredOnStellar, DeclaredPayout } from './declared.ts';
import { match } from './match.ts';

const TESTNET = 'stellar:testnet' as ChainId;
const XLM = nativeAsset(TESTNET);
const ETH = nativeAsset('eip155:1' as ChainId);

const pay = (destination: string, amount = 1n, asset: AssetId = XLM): StellarOperation => ({
  type: 'payment',
  source: 'TREASURY',
  destination,
  asset,
  amount,
});
const bump = (bumpTo = 1024n, source?: string): StellarOperation => ({
  type: 'bumpSequence',
  bumpTo,
  ...(source === undefined ? {} : { source }),
});
const declare = (payoutId: string, destination: string, amount = 1n, memo?: StellarMemo): DeclaredPayout => ({
  payoutId,
  destination,
  asset: XLM,
  amount,
  ...(memo === undefined ? {} : { memo }),
});

const transaction: StellarTransaction = {
  kind: 'stellar',
  chain: TESTNET,
  hash: new Uint8Array(32),
  source: 'CHANNEL',
  sequence: 7n,
  fee: 200n,
  minTime: 0n,
  maxTime: 1n,
  operations: [],
};
const declared: DeclaredOnStellar = {
  purpose: 'payout',
  payouts: [],
  address: 'TREASURY',
  transaction,
  networkPassphrase: 'Test SDF Network ; September 2015',
};
const stellar = (
  operations: readonly StellarOperation[],
  payouts: readonly DeclaredPayout[],
  memo?: StellarMemo,
): Declared => ({
  ...declared,
  payouts,
  transaction: { ...transaction, operations, ...(memo === undefined ? {} : { memo }) },
});

const evmTransaction: EvmTransaction = {
  kind: 'evm',
  chain: 'eip155:1' as ChainId,
  chainId: 1n,
  nonce: 3n,
  to: '0xA',
  value: 5n,
  transfer: { asset: ETH, destination: '0xA', amount: 5n },
  gasLimit: 21_000n,
  maxFeePerGas: 1n,
  maxPriorityFeePerGas: 0n,
  signingHash: new Uint8Array(32),
};
const toSelf = { to: '0xSELF', value: 0n, transfer: { asset: ETH, destination: '0xSELF', amount: 0n } };
const evm = (
  change: Partial<EvmTransaction>,
  payouts: readonly DeclaredPayout[],
  purpose: Declared['purpose'],
): Declared => ({
  purpose,
  payouts,
  address: '0xSELF',
  transaction: { ...evmTransaction, ...change },
});

describe('match', () => {
  test('finds each declared payout among the transfers, in any order', () => {
    const operations = [pay('ANN', 1n), pay('BOB', 2n), pay('ANN', 1n), bump()];
    const payouts = [declare('p1', 'BOB', 2n), declare('p2', 'ANN'), declare('p3', 'ANN')];
    expect(match(stellar(operations, payouts))).toEqual([
      { destination: 'ANN', asset: XLM, amount: 1n },
      { destination: 'BOB', asset: XLM, amount: 2n },
      { destination: 'ANN', asset: XLM, amount: 1n },
    ]);
  });

  test('a memo is of every transfer', () => {
    const memo: StellarMemo = { type: 'text', value: 'invoice 7' };
    const payouts = [declare('p1', 'ANN', 1n, memo), declare('p2', 'BOB', 1n, memo)];
    expect(match(stellar([pay('ANN'), pay('BOB'), bump()], payouts, memo))).toEqual([
      { destination: 'ANN', asset: XLM, amount: 1n, memo },
      { destination: 'BOB', asset: XLM, amount: 1n, memo },
    ]);
    expect(match(stellar([pay('ANN'), bump()], [declare('p1', 'ANN')]))[0]).not.toHaveProperty('memo');
  });

  test('an account that is created is paid its starting balance', () => {
    const create: StellarOperation = {
      type: 'createAccount',
      source: 'TREASURY',
      destination: 'NEW',
      asset: XLM,
      amount: 9n,
    };
    expect(match(stellar([create, bump()], [declare('p1', 'NEW', 9n)]))).toHaveLength(1);
  });

  test('the closing operation may name the channel', () => {
    expect(match(stellar([pay('ANN'), bump(1024n, 'CHANNEL')], [declare('p1', 'ANN')]))).toHaveLength(1);
  });

  const memo: StellarMemo = { type: 'text', value: 'invoice 7' };
  test.each<[string, string, Declared]>([
    [
      'a transfer that is not declared',
      'TRANSFER_NOT_DECLARED',
      stellar([pay('ANN'), pay('EVE'), bump()], [declare('p', 'ANN')]),
    ],
    [
      'the same transfer twice',
      'TRANSFER_NOT_DECLARED',
      stellar([pay('ANN'), pay('ANN'), bump()], [declare('p', 'ANN')]),
    ],
    [
      'a payout that is not paid',
      'PAYOUT_NOT_PAID',
      stellar([pay('ANN'), bump()], [declare('p', 'ANN'), declare('q', 'ANN')]),
    ],
    ['another destination', 'PAYOUT_NOT_PAID', stellar([pay('EVE'), bump()], [declare('p', 'ANN')])],
    ['another amount', 'PAYOUT_NOT_PAID', stellar([pay('ANN', 2n), bump()], [declare('p', 'ANN', 1n)])],
    ['another asset', 'PAYOUT_NOT_PAID', stellar([pay('ANN', 1n, 'x' as AssetId), bump()], [declare('p', 'ANN')])],
    ['a memo that is not declared', 'PAYOUT_NOT_PAID', stellar([pay('ANN'), bump()], [declare('p', 'ANN')], memo)],
    [
      'a declared memo that is missing',
      'PAYOUT_NOT_PAID',
      stellar([pay('ANN'), bump()], [declare('p', 'ANN', 1n, memo)]),
    ],
    [
      'a memo of another type with the same text',
      'PAYOUT_NOT_PAID',
      stellar([pay('ANN'), bump()], [declare('p', 'ANN', 1n, { type: 'id', value: 7n })], { type: 'text', value: '7' }),
    ],
    ['no closing operation', 'LANE_NOT_CLOSED', stellar([pay('ANN')], [declare('p', 'ANN')])],
    ['no operation at all', 'LANE_NOT_CLOSED', stellar([], [declare('p', 'ANN')])],
    [
      'a closing operation that stops short',
      'LANE_NOT_CLOSED',
      stellar([pay('ANN'), bump(1023n)], [declare('p', 'ANN')]),
    ],
    [
      'a closing operation that goes beyond',
      'LANE_NOT_CLOSED',
      stellar([pay('ANN'), bump(2048n)], [declare('p', 'ANN')]),
    ],
    [
      'a closing operation of another account',
      'LANE_NOT_CLOSED',
      stellar([pay('ANN'), bump(1024n, 'TREASURY')], [declare('p', 'ANN')]),
    ],
    [
      'a closing operation that is not the last',
      'LANE_NOT_CLOSED',
      stellar([bump(), pay('ANN')], [declare('p', 'ANN')]),
    ],
    ['two closing operations', 'OPERATION_NOT_DECLARED', stellar([pay('ANN'), bump(), bump()], [declare('p', 'ANN')])],
    ['nothing but the closing operation', 'NO_PAYOUTS', stellar([bump()], [])],
    ['a cancel on Stellar', 'CANCEL_NOT_SUPPORTED', { ...stellar([bump()], []), purpose: 'cancel' }],
    ['an EVM payout that is not declared', 'NO_PAYOUTS', evm({}, [], 'payout')],
    ['an EVM payout of another asset', 'PAYOUT_NOT_PAID', evm({}, [declare('p', '0xA', 5n)], 'payout')],
    ['two payouts in one EVM transfer', 'PAYOUT_NOT_PAID', evm({}, [evmPayout('p'), evmPayout('q')], 'payout')],
    ['a cancel that pays', 'CANCEL_WITH_VALUE', evm({ ...toSelf, value: 5n }, [], 'cancel')],
    ['a cancel to another', 'CANCEL_NOT_TO_SELF', evm({ value: 0n }, [], 'cancel')],
    [
      'a cancel that moves a token',
      'CANCEL_NOT_TO_SELF',
      evm({ ...toSelf, transfer: { ...toSelf.transfer, destination: '0xA' } }, [], 'cancel'),
    ],
    [
      'a cancel that calls a token for the own account',
      'CANCEL_NOT_TO_SELF',
      evm({ ...toSelf, to: '0xTOKEN' }, [], 'cancel'),
    ],
    ['a cancel that declares a payout', 'PAYOUTS_IN_CANCEL', evm(toSelf, [evmPayout('p')], 'cancel')],
  ])('refuses %s', (_, reason, asked) => {
    expect(() => match(asked)).toThrow(expect.objectContaining({ name: 'MismatchError', code: reason }));
  });

  test('an EVM transfer is its one payout; a cancel is none', () => {
    expect(match(evm({}, [evmPayout('p')], 'payout'))).toEqual([{ destination: '0xA', asset: ETH, amount: 5n }]);
    expect(match(evm(toSelf, [], 'cancel'))).toEqual([]);
  });

  test('matches exactly when both sides are the same multiset', () => {
    const terms = fc.record({ destination: fc.constantFrom('ANN', 'BOB'), amount: fc.bigInt({ min: 1n, max: 3n }) });
    const list = fc.array(terms, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(list, list, (paid, named) => {
        const operations = [...paid.map(({ destination, amount }) => pay(destination, amount)), bump()];
        const payouts = named.map(({ destination, amount }, i) => declare(`p${i}`, destination, amount));
        const text = (items: typeof paid) =>
          items
            .map(({ destination, amount }) => `${destination}${amount}`)
            .sort()
            .join();
        const run = () => match(stellar(operations, payouts));
        if (text(paid) === text(named)) expect(run).not.toThrow();
        else expect(run).toThrow(expect.objectContaining({ name: 'MismatchError' }));
      }),
    );
  });
});

function evmPayout(payoutId: string): DeclaredPayout {
  return { payoutId, destination: '0xA', asset: ETH, amount: 5n };
}
