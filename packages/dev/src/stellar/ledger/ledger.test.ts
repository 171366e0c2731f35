import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { createHarness, LUMEN, newKeys, PASSPHRASE } from '../testing/harness.ts';
import { bump, create, pay } from '../testing/operations.ts';
import { loadOracle } from '../testing/oracle.ts';
import { accountData } from './account.ts';
import { ledgerEntry } from './entry.ts';
import { createLedger } from './ledger.ts';
import { rootKeypair, TOTAL_COINS } from './network.ts';

const oracle = await loadOracle();
const hexHash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('genesis', () => {
  test('the root account of the standalone network holds everything', () => {
    const ledger = createLedger({ networkPassphrase: PASSPHRASE });
    const root = 'GBZXN7PIRZGNMHGA7MUUUF4GWPY5AYPV6LY4UV2GL6VJGIQRXFDNMADI';
    expect(rootKeypair(PASSPHRASE).publicKey()).toBe(root);
    expect(ledger.account(root)).toMatchObject({ balance: TOTAL_COINS, sequence: 0n });
    expect(ledger.latest()).toMatchObject({ sequence: 1, closeTime: 0n });
    expect(oracle('LedgerHeader', ledger.latest().header)).toMatchObject({ ledger_seq: 1, fee_pool: '0' });
  });
});

describe('closing', () => {
  test('headers form a chain and say what the ledger did', () => {
    const { root, ledger, apply } = createHarness();
    const before = ledger.latest();
    apply({ source: root, operations: [bump(0n), bump(0n)] });
    const { header, hash, metadata } = ledger.latest();
    expect(oracle('LedgerHeader', header)).toMatchObject({
      ledger_version: 25,
      previous_ledger_hash: hex(before.hash),
      ledger_seq: before.sequence + 1,
      total_coins: `${TOTAL_COINS}`,
      fee_pool: '200',
      base_fee: 100,
      base_reserve: 5_000_000,
      max_tx_set_size: 1_000,
    });
    expect(hex(hash)).toBe(hexHash(header.toXdr()));
    expect(header.bucketListHash.equals(before.header.bucketListHash)).toBe(false);
    expect(oracle('LedgerCloseMeta', metadata)).toMatchObject({
      v2: {
        ledger_header: { hash: hex(hash) },
        tx_set: {
          v1: { phases: [{ v0: [{ txset_comp_txs_maybe_discounted_fee: { base_fee: '100' } }] }, { v1: {} }] },
        },
        tx_processing: [{ result: { result: { result: { tx_success: expect.anything() } } } }],
      },
    });
  });

  test('an empty ledger is a ledger', () => {
    const { ledger, close } = createHarness();
    const { sequence } = ledger.latest();
    close();
    expect(ledger.latest().sequence).toBe(sequence + 1);
    expect(oracle('LedgerCloseMeta', ledger.latest().metadata)).toMatchObject({ v2: { tx_processing: [] } });
  });

  test('time never stands still or runs back', () => {
    const ledger = createLedger({ networkPassphrase: PASSPHRASE, genesisCloseTime: 100n });
    expect(ledger.close(90n).closeTime).toBe(101n);
    expect(ledger.close(101n).closeTime).toBe(102n);
    expect(ledger.close(200n).closeTime).toBe(200n);
  });

  test('the order does not depend on the order of arrival, nor does the hash', () => {
    const closings = [0, 1].map((turn) => {
      const { root, ledger, envelope, send, close, apply } = createHarness();
      const seeded = [1, 2, 3, 4].map((n) => rootKeypair(`account ${n}`));
      apply({ source: root, operations: seeded.map((keys) => createOf(keys)) });
      const envelopes = seeded.map((source) => envelope({ source, operations: [pay(root, 5n)] }));
      for (const each of turn === 0 ? envelopes : envelopes.toReversed()) send(each);
      close();
      return ledger.latest();
    });
    expect(closings[0] && hex(closings[0].hash)).toBe(closings[1] && hex(closings[1].hash));
  });

  test('transactions are applied by the hash of their envelope, mixed with the hash of the set', () => {
    const { root, ledger, envelope, send, close, apply } = createHarness();
    const sources = Array.from({ length: 6 }, newKeys);
    apply({ source: root, operations: sources.map((keys) => create(keys, 10n * LUMEN)) });
    const envelopes = sources.map((source) => envelope({ source, operations: [bump(0n)] }));
    const hashes = envelopes.flatMap((each) => {
      const answer = send(each);
      return answer.status === 'PENDING' ? answer.hash : [];
    });
    close();
    const mix = BigInt(`0x${hex(ledger.latest().header.scpValue.txSetHash.value)}`);
    const places = envelopes.map((each) => BigInt(`0x${hexHash(each.toXdr())}`) ^ mix);
    const sorted = places.toSorted((a, b) => (a < b ? -1 : 1));
    const expected = places.map((place) => sorted.indexOf(place) + 1);
    expect(hashes.map((hash) => ledger.transaction(hash)?.applicationOrder)).toEqual(expected);
    expect(expected).not.toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('what a transaction changed is in its meta: sequence first, then each operation', () => {
    const { root, fund, send, close, ledger } = createHarness();
    const alice = fund(10n * LUMEN);
    const answer = send({ source: alice, operations: [pay(root, LUMEN), bump(0n)] });
    close();
    const included = answer.status === 'PENDING' ? ledger.transaction(answer.hash) : undefined;
    if (!included) throw new Error('not included');
    const account = { account: { account_id: alice.publicKey() } };
    expect(oracle('TransactionMeta', included.meta)).toMatchObject({
      v4: {
        tx_changes_before: [{ state: { data: account } }, { updated: { data: account } }],
        operations: [
          { changes: [{ state: {} }, { updated: {} }, { state: {} }, { updated: {} }] },
          { changes: [{ state: { data: account } }, { updated: { data: account } }] },
        ],
        soroban_meta: null,
      },
    });
  });

  test('a failed transaction’s meta has no operations', () => {
    const { fund, send, close, ledger } = createHarness();
    const alice = fund(10n * LUMEN);
    const answer = send({
      source: alice,
      operations: [bump(5n), pay(alice, 1n, rootKeypair('nobody'))],
      signers: [alice, rootKeypair('nobody')],
    });
    close();
    const included = answer.status === 'PENDING' ? ledger.transaction(answer.hash) : undefined;
    expect(included && oracle('TransactionMeta', included.meta)).toMatchObject({ v4: { operations: [] } });
  });
});

function createOf(keys: ReturnType<typeof rootKeypair>) {
  return create(keys, 10n * LUMEN);
}

describe('ledger entries', () => {
  test('an account is what the network would store', () => {
    const { fund, account } = createHarness();
    const alice = fund(10n * LUMEN);
    expect(oracle('LedgerEntry', ledgerEntry(account(alice)))).toMatchObject({
      data: {
        account: {
          account_id: alice.publicKey(),
          balance: `${10n * LUMEN}`,
          num_sub_entries: 0,
          thresholds: '01000000',
          ext: 'v0',
        },
      },
      ext: 'v0',
    });
  });

  test('once it has sent a transaction it carries the date of its sequence number', () => {
    const { fund, apply, account, ledger, now } = createHarness();
    const alice = fund(10n * LUMEN);
    apply({ source: alice, operations: [bump(0n)] });
    expect(oracle('LedgerEntryData', accountData(account(alice)))).toMatchObject({
      account: {
        ext: { v1: { ext: { v2: { ext: { v3: { seq_ledger: ledger.latest().sequence, seq_time: `${now()}` } } } } } },
      },
    });
  });
});

describe('surge pricing', () => {
  test('when operations do not all fit, the best paid go in and all pay the lowest rate among them', () => {
    const { fund, send, close, ledger } = createHarness({ maxOperationsPerLedger: 3 });
    const sources = [fund(10n * LUMEN), fund(10n * LUMEN), fund(10n * LUMEN)];
    const [cheap, fair, rich] = sources.map((source, index) =>
      send({ source, operations: index === 1 ? [bump(0n), bump(0n)] : [bump(0n)], fee: [150, 601, 5_000][index] ?? 0 }),
    );
    close();
    const charged = (answer: typeof cheap) =>
      answer?.status === 'PENDING' ? ledger.transaction(answer.hash)?.result.feeCharged : undefined;
    expect([charged(cheap), charged(fair), charged(rich)]).toEqual([undefined, 600n, 300n]);
    close();
    expect(charged(cheap)).toBe(100n);
  });
});

describe('history', () => {
  test('looks back over the retention window only', () => {
    const { root, send, close, ledger } = createHarness({ retentionLedgers: 3 });
    const answer = send({ source: root, operations: [bump(0n)] });
    if (answer.status !== 'PENDING') throw new Error(answer.status);
    close();
    const { sequence } = ledger.latest();
    close();
    close();
    expect(ledger.oldest()).toMatchObject({ sequence });
    expect(ledger.transaction(answer.hash)).toMatchObject({ ledger: sequence, applicationOrder: 1 });
    close();
    expect(ledger.oldest()).toMatchObject({ sequence: sequence + 1 });
    expect(ledger.transaction(answer.hash)).toBeUndefined();
  });
});

describe('fee statistics', () => {
  test('count what an operation cost over the last ten ledgers', () => {
    const { root, apply, ledger, close } = createHarness();
    expect(ledger.feeStats()).toMatchObject({ max: 0n, min: 0n, transactionCount: 0, ledgerCount: 0 });
    apply({ source: root, operations: [bump(0n), bump(0n)] });
    expect(ledger.feeStats()).toMatchObject({ max: 100n, min: 100n, mode: 100n, transactionCount: 1, ledgerCount: 1 });
    for (let ledgers = 0; ledgers < 10; ledgers++) close();
    expect(ledger.feeStats()).toMatchObject({ max: 0n, transactionCount: 0 });
  });
});
