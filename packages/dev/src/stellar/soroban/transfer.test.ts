import { describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import { contractDataKey } from '../ledger/contract-entries.ts';
import {
  bySource,
  callEnvelope,
  invocation,
  SOME_CONTRACT,
  signedEntry,
  simulatedData,
  simulateTransfer,
  type Transfer,
  transferArgs,
} from '../testing/contract-calls.ts';
import { createHarness, type Harness, LUMEN, newKeys } from '../testing/harness.ts';
import { issued, pay, payAsset, set, setLineFlags, trust } from '../testing/operations.ts';
import { loadOracle } from '../testing/oracle.ts';
import { deployAssetContract } from './admin.ts';
import { balancePlace } from './balance.ts';
import { readInt128, structFields } from './values.ts';

const oracle = await loadOracle();
const MAX_INT64 = 2n ** 63n - 1n;

/** Sends by the sender itself what a simulation has shown to succeed. */
function transferred(harness: Harness, from: Keypair, transfer: Transfer) {
  const data = simulatedData(simulateTransfer(harness, transfer, from));
  const operations = [invocation(transferArgs(transfer), [bySource(transfer)])];
  const envelope = callEnvelope(harness, { source: from, operations, data });
  const sent = harness.send(envelope);
  if (sent.status !== 'PENDING') throw new Error(sent.status);
  harness.close();
  const included = harness.ledger.transaction(sent.hash);
  if (!included) throw new Error('not included');
  return included;
}

function refusal(harness: Harness, from: Keypair, transfer: Transfer): string {
  const { error } = simulateTransfer(harness, transfer, from);
  if (error === undefined) throw new Error('it succeeds');
  return error;
}

function contractBalance({ ledger }: Harness, contract: string, who: string): bigint | undefined {
  const entry = ledger.entry(contractDataKey(balancePlace(contract, who)));
  return entry?.kind === 'contractData' ? readInt128(structFields(entry.value).get('amount')) : undefined;
}

/** An issuer of USD, with a holder of 100 of it and the contract of it. */
function issuance() {
  const harness = createHarness();
  const [issuer, holder] = [harness.fund(100n * LUMEN), harness.fund(100n * LUMEN)];
  const asset = issued('USD', issuer);
  harness.apply({ source: holder, operations: [trust(asset, 1000n)] });
  harness.apply({ source: issuer, operations: [payAsset(asset, holder, 100n)] });
  const contract = deployAssetContract(harness.ledger, `USD:${issuer.publicKey()}`);
  const line = (keys: Keypair) =>
    harness.ledger.scratch().trustline(keys.publicKey(), { code: 'USD', issuer: issuer.publicKey() });
  return { harness, issuer, holder, asset, contract, line };
}

describe('lumens', () => {
  test('from account to account', () => {
    const harness = createHarness();
    const [from, to] = [harness.fund(100n * LUMEN), harness.fund(100n * LUMEN)];
    const contract = deployAssetContract(harness.ledger, 'native');
    const transfer = { contract, from: from.publicKey(), to: to.publicKey(), amount: 5n * LUMEN };
    const { result } = transferred(harness, from, transfer);
    expect(harness.account(to).balance).toBe(105n * LUMEN);
    expect(harness.account(from).balance).toBe(95n * LUMEN - result.feeCharged);
  });

  test('what a transaction made and changed is read the same by the Rust decoder', () => {
    const harness = createHarness();
    const [from, to] = [harness.fund(100n * LUMEN), harness.fund(100n * LUMEN)];
    const contract = deployAssetContract(harness.ledger, 'native');
    const transfer = { contract, from: from.publicKey(), to: SOME_CONTRACT, amount: 5n };
    const { result, meta } = transferred(harness, from, transfer);
    expect(oracle('TransactionResult', result)).toMatchObject({
      result: {
        tx_success: [{ op_inner: { invoke_host_function: { success: expect.stringMatching(/^[0-9a-f]{64}$/) } } }],
      },
    });
    const transferEvent = {
      contract_id: contract,
      type_: 'contract',
      body: {
        v0: {
          topics: [
            { symbol: 'transfer' },
            { address: from.publicKey() },
            { address: SOME_CONTRACT },
            { string: 'native' },
          ],
          data: { i128: '5' },
        },
      },
    };
    expect(oracle('TransactionMeta', meta)).toMatchObject({
      v4: {
        operations: [
          {
            changes: [
              { state: { data: { account: { account_id: from.publicKey() } } } },
              { updated: { data: { account: { account_id: from.publicKey() } } } },
              {
                created: {
                  data: {
                    contract_data: {
                      contract,
                      durability: 'persistent',
                      key: { vec: [{ symbol: 'Balance' }, { address: SOME_CONTRACT }] },
                      val: {
                        map: [
                          { key: { symbol: 'amount' }, val: { i128: '5' } },
                          { key: { symbol: 'authorized' }, val: { bool: true } },
                          { key: { symbol: 'clawback' }, val: { bool: false } },
                        ],
                      },
                    },
                  },
                },
              },
              { created: { data: { ttl: { live_until_ledger_seq: harness.ledger.latest().sequence + 2_073_599 } } } },
            ],
            events: [transferEvent],
          },
        ],
        soroban_meta: { return_value: 'void', ext: { v1: { rent_fee_charged: expect.stringMatching(/^[1-9]\d*$/) } } },
        diagnostic_events: [
          { in_successful_contract_call: true, event: { body: { v0: { topics: [{ symbol: 'fn_call' }, {}, {}] } } } },
          { event: transferEvent },
          { event: { body: { v0: { topics: [{ symbol: 'fn_return' }, { symbol: 'transfer' }] } } } },
        ],
      },
    });
    expect(to).toBeDefined();
  });

  test('cannot be spent below the reserve', () => {
    const harness = createHarness();
    const [from, to] = [harness.fund(10n * LUMEN), harness.fund(10n * LUMEN)];
    const contract = deployAssetContract(harness.ledger, 'native');
    const error = refusal(harness, from, { contract, from: from.publicKey(), to: to.publicKey(), amount: 95_000_000n });
    expect(error).toBe(
      [
        'HostError: Error(Contract, #10)',
        '',
        'Event log (newest first):',
        `   0: [Diagnostic Event] contract:${contract}, topics:[error, Error(Contract, #10)], data:["resulting balance is not within the allowed range", 10000000, 5000000, 9223372036854775807]`,
        `   1: [Diagnostic Event] topics:[fn_call, ${contract}, transfer], data:[${from.publicKey()}, ${to.publicKey()}, 95000000]`,
        '',
      ].join('\n'),
    );
  });

  test('need an account at the other end', () => {
    const harness = createHarness();
    const [from, nobody] = [harness.fund(10n * LUMEN), newKeys()];
    const contract = deployAssetContract(harness.ledger, 'native');
    const transfer = { contract, from: from.publicKey(), to: nobody.publicKey(), amount: 1n };
    expect(refusal(harness, from, transfer)).toContain('HostError: Error(Contract, #6)');
  });

  test('an amount cannot be negative, nor more than an account can hold', () => {
    const harness = createHarness();
    const [from, to] = [harness.fund(10n * LUMEN), harness.fund(10n * LUMEN)];
    const contract = deployAssetContract(harness.ledger, 'native');
    const transfer = { contract, from: from.publicKey(), to: to.publicKey() };
    expect(refusal(harness, from, { ...transfer, amount: -1n })).toContain('HostError: Error(Contract, #8)');
    expect(refusal(harness, from, { ...transfer, amount: MAX_INT64 + 1n })).toContain(
      'HostError: Error(Contract, #12)',
    );
  });

  test('nothing moves where the contract was never deployed', () => {
    const harness = createHarness();
    const [from, to] = [harness.fund(10n * LUMEN), harness.fund(10n * LUMEN)];
    const transfer = { contract: SOME_CONTRACT, from: from.publicKey(), to: to.publicKey(), amount: 1n };
    expect(refusal(harness, from, transfer)).toContain('HostError: Error(Storage, MissingValue)');
  });
});

describe('an issued asset', () => {
  test('moves between trustlines, which are those of payments', () => {
    const { harness, holder, asset, contract, line } = issuance();
    const other = harness.fund(100n * LUMEN);
    harness.apply({ source: other, operations: [trust(asset, 1000n)] });
    transferred(harness, holder, { contract, from: holder.publicKey(), to: other.publicKey(), amount: 30n });
    expect([line(holder)?.balance, line(other)?.balance]).toEqual([70n, 30n]);
  });

  test('a contract holds it in its own entry, made by the first receipt', () => {
    const { harness, holder, contract, line } = issuance();
    const transfer = { contract, from: holder.publicKey(), to: SOME_CONTRACT, amount: 30n };
    expect(contractBalance(harness, contract, SOME_CONTRACT)).toBeUndefined();
    transferred(harness, holder, transfer);
    transferred(harness, holder, transfer);
    expect(contractBalance(harness, contract, SOME_CONTRACT)).toBe(60n);
    expect(line(holder)?.balance).toBe(40n);
  });

  test('from its issuer it is minted, to its issuer it is burnt, and the issuer has no line', () => {
    const { harness, issuer, holder, contract, line } = issuance();
    const said = (included: ReturnType<typeof transferred>) =>
      included.effects?.events.map((event) => oracle('ContractEvent', event));
    const minted = transferred(harness, issuer, {
      contract,
      from: issuer.publicKey(),
      to: SOME_CONTRACT,
      amount: 7n,
    });
    const name = { string: `USD:${issuer.publicKey()}` };
    expect(said(minted)).toMatchObject([
      { body: { v0: { topics: [{ symbol: 'mint' }, { address: SOME_CONTRACT }, name], data: { i128: '7' } } } },
    ]);
    const burnt = transferred(harness, holder, {
      contract,
      from: holder.publicKey(),
      to: issuer.publicKey(),
      amount: 9n,
    });
    expect(said(burnt)).toMatchObject([
      { body: { v0: { topics: [{ symbol: 'burn' }, { address: holder.publicKey() }, name], data: { i128: '9' } } } },
    ]);
    expect(line(holder)?.balance).toBe(91n);
  });

  test('needs a trustline, with room', () => {
    const { harness, holder, asset, contract } = issuance();
    const other = harness.fund(100n * LUMEN);
    const transfer = { contract, from: holder.publicKey(), to: other.publicKey(), amount: 30n };
    expect(refusal(harness, holder, transfer)).toContain('HostError: Error(Contract, #13)');
    expect(refusal(harness, holder, transfer)).toContain('trustline entry is missing for account');
    harness.apply({ source: other, operations: [trust(asset, 29n)] });
    expect(refusal(harness, holder, transfer)).toContain('HostError: Error(Contract, #10)');
  });

  test('needs to be there', () => {
    const { harness, holder, contract } = issuance();
    const transfer = { contract, from: holder.publicKey(), to: SOME_CONTRACT, amount: 101n };
    expect(refusal(harness, holder, transfer)).toContain('HostError: Error(Contract, #10)');
  });

  test('is neither sent nor received on a line without authorization', () => {
    const { harness, issuer, holder, asset, contract } = issuance();
    harness.apply({ source: issuer, operations: [set({ setFlags: 2 })] });
    harness.apply({ source: issuer, operations: [setLineFlags(holder, asset, { clear: 1, set: 2 })] });
    const out = { contract, from: holder.publicKey(), to: SOME_CONTRACT, amount: 1n };
    const back = { contract, from: issuer.publicKey(), to: holder.publicKey(), amount: 1n };
    expect(refusal(harness, holder, out)).toContain('HostError: Error(Contract, #11)');
    expect(refusal(harness, issuer, back)).toContain('HostError: Error(Contract, #11)');
  });

  test('where the issuer must authorize, a contract cannot receive it by itself', () => {
    const { harness, issuer, holder, contract } = issuance();
    harness.apply({ source: issuer, operations: [set({ setFlags: 1 })] });
    const transfer = { contract, from: holder.publicKey(), to: SOME_CONTRACT, amount: 1n };
    expect(refusal(harness, holder, transfer)).toContain('HostError: Error(Contract, #11)');
  });

  test('a code of twelve is told apart from its padded storage', () => {
    const harness = createHarness();
    const [issuer, holder] = [harness.fund(100n * LUMEN), harness.fund(100n * LUMEN)];
    const contract = deployAssetContract(harness.ledger, `LONGNAME:${issuer.publicKey()}`);
    harness.apply({ source: holder, operations: [trust(issued('LONGNAME', issuer), 1000n)] });
    transferred(harness, issuer, { contract, from: issuer.publicKey(), to: holder.publicKey(), amount: 8n });
    const line = harness.ledger
      .scratch()
      .trustline(holder.publicKey(), { code: 'LONGNAME', issuer: issuer.publicKey() });
    expect(line?.balance).toBe(8n);
  });
});

describe('by somebody else', () => {
  test('a classic payment between simulation and ledger makes the transfer fail, and it can be tried again', () => {
    const harness = createHarness();
    const [channel, treasury, payee] = [1, 2, 3].map(() => harness.fund(100n * LUMEN));
    if (!channel || !treasury || !payee) throw new Error('no accounts');
    const contract = deployAssetContract(harness.ledger, 'native');
    const transfer = { contract, from: treasury.publicKey(), to: payee.publicKey(), amount: 60n * LUMEN };
    const until = harness.ledger.latest().sequence + 100;
    const entry = signedEntry(transfer, { signers: [treasury], nonce: 5n, until });
    const data = simulatedData(simulateTransfer(harness, transfer, channel, [entry]));
    const send = () =>
      harness.apply(
        callEnvelope(harness, { source: channel, operations: [invocation(transferArgs(transfer), [entry])], data }),
      );
    harness.apply({ source: treasury, operations: [pay(payee, 50n * LUMEN)] });
    expect(send()).toMatchObject({
      result: { tx_failed: [{ op_inner: { invoke_host_function: 'trapped' } }] },
    });
    harness.apply({ source: payee, operations: [pay(treasury, 50n * LUMEN)] });
    expect(send()).toMatchObject({ result: { tx_success: [{ op_inner: { invoke_host_function: {} } }] } });
    expect(send()).toMatchObject({ result: { tx_failed: [{ op_inner: { invoke_host_function: 'trapped' } }] } });
    expect(harness.account(payee).balance).toBeGreaterThan(159n * LUMEN);
  });
});
