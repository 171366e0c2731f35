import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Keypair } from '@stellar/stellar-sdk/base';
import { Memo, SorobanTransactionData, TransactionEnvelope } from '@stellar/stellar-sdk/xdr';
import { z } from 'zod';
import { contractDataKey } from '../../ledger/contract-entries.ts';
import { instancePlace } from '../../soroban/asset-contract.ts';
import { bySource, invocation, SOME_CONTRACT, signedEntry, transferArgs } from '../../testing/contract-calls.ts';
import { buildEnvelope, newKeys, PASSPHRASE } from '../../testing/harness.ts';
import { pay } from '../../testing/operations.ts';
import { loadOracle } from '../../testing/oracle.ts';
import { type StellarRpc, startStellarRpc } from '../server.ts';

const answerSchema = z.object({ result: z.record(z.string(), z.unknown()) });
const oracle = await loadOracle();

let stellar: StellarRpc;
let source: Keypair;
let treasury: Keypair;
let contract: string;
beforeEach(async () => {
  stellar = await startStellarRpc({ networkPassphrase: PASSPHRASE, closeEveryMs: 'manual' });
  [source, treasury] = [newKeys(), newKeys()];
  await stellar.fund([source, treasury].map((keys) => ({ address: keys.publicKey(), balance: '100' })));
  contract = stellar.deployAssetContract('native');
});
afterEach(() => stellar.close());

const transfer = () => ({ contract, from: treasury.publicKey(), to: SOME_CONTRACT, amount: 5n });

function envelope(operations: Parameters<typeof buildEnvelope>[0]['operations'], memo = Memo.memoNone()) {
  return buildEnvelope({ source, operations, sequence: 1n, memo }).toXdr('base64');
}

async function simulate(params: object): Promise<Record<string, unknown>> {
  const response = await fetch(stellar.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'simulateTransaction', params }),
  });
  const body: unknown = await response.json();
  const { result } = answerSchema.parse(body);
  return result;
}

describe('simulateTransaction', () => {
  test('answers what to declare, to authorize and to expect, as Stellar RPC writes it', async () => {
    const answer = await simulate({ transaction: envelope([invocation(transferArgs(transfer()))]) });
    expect(answer).toEqual({
      transactionData: expect.any(String),
      minResourceFee: expect.stringMatching(/^\d+$/),
      events: [expect.any(String), expect.any(String), expect.any(String)],
      results: [{ auth: [expect.any(String)], xdr: 'AAAAAQ==' }],
      stateChanges: expect.any(Array),
      latestLedger: stellar.ledger.latest().sequence,
    });
    const data = SorobanTransactionData.fromXdr(`${answer['transactionData']}`, 'base64');
    expect(answer['minResourceFee']).toBe(`${data.resourceFee}`);
    expect(oracle('SorobanTransactionData', data)).toMatchObject({
      resources: {
        footprint: {
          read_only: [{ contract_data: { contract, key: 'ledger_key_contract_instance', durability: 'persistent' } }],
          read_write: [
            { account: { account_id: treasury.publicKey() } },
            {
              contract_data: { contract: treasury.publicKey(), key: { ledger_key_nonce: {} }, durability: 'temporary' },
            },
            { contract_data: { contract, key: { vec: [{ symbol: 'Balance' }, { address: SOME_CONTRACT }] } } },
          ],
        },
      },
    });
    expect(answer['stateChanges']).toEqual([
      { type: 'updated', key: expect.any(String), before: expect.any(String), after: expect.any(String) },
      { type: 'created', key: expect.any(String), before: null, after: expect.any(String) },
      { type: 'created', key: expect.any(String), before: null, after: expect.any(String) },
    ]);
  });

  test('changes nothing', async () => {
    const before = stellar.ledger.entries();
    await simulate({ transaction: envelope([invocation(transferArgs(transfer()))]) });
    expect(stellar.ledger.entries()).toEqual(before);
  });

  test('checks authorizations where there are any, and only then unless told otherwise', async () => {
    const until = stellar.ledger.latest().sequence + 10;
    const good = signedEntry(transfer(), { signers: [treasury], nonce: 1n, until });
    const bad = signedEntry(transfer(), { signers: [source], nonce: 1n, until });
    const bare = envelope([invocation(transferArgs(transfer()))]);
    const signed = envelope([invocation(transferArgs(transfer()), [good])]);
    expect(await simulate({ transaction: signed })).toMatchObject({ results: [{ auth: [good.toXdr('base64')] }] });
    expect(await simulate({ transaction: signed, authMode: 'enforce' })).not.toHaveProperty('error');
    const refused = await simulate({ transaction: envelope([invocation(transferArgs(transfer()), [bad])]) });
    expect(refused['error']).toMatch(/^HostError: Error\(Auth, InvalidAction\)\n\nEvent log \(newest first\):\n/);
    const none = await simulate({ transaction: bare, authMode: 'enforce' });
    expect(none['error']).toContain('Unauthorized function call for address');
    expect(await simulate({ transaction: bare, authMode: 'record' })).not.toHaveProperty('error');
    expect(await simulate({ transaction: bare, authMode: 'record_allow_nonroot' })).not.toHaveProperty('error');
    expect(await simulate({ transaction: signed, authMode: 'record' })).toEqual({
      error: "cannot set authMode to 'record' with an auth footprint",
      latestLedger: 0,
    });
    expect(await simulate({ transaction: bare, authMode: 'guess' })).toMatchObject({
      error: "optional 'authMode' must be one of enforce,record,record_allow_nonroot when included",
    });
  });

  test('tells a failure with the events that led to it', async () => {
    const { to, from } = transfer();
    const answer = await simulate({
      transaction: envelope([invocation(transferArgs({ contract, from, to, amount: 10_000_000_000n }))]),
    });
    expect(answer).toEqual({
      error: expect.stringMatching(/^HostError: Error\(Contract, #10\)\n/),
      events: [expect.any(String), expect.any(String)],
      latestLedger: stellar.ledger.latest().sequence,
    });
    const events = answer['events'];
    expect(Array.isArray(events) && events.map((event) => oracle('DiagnosticEvent', event))).toMatchObject([
      { in_successful_contract_call: false, event: { body: { v0: { topics: [{ symbol: 'fn_call' }, {}, {}] } } } },
      {
        in_successful_contract_call: false,
        event: { contract_id: contract, body: { v0: { topics: [{ symbol: 'error' }, { error: { contract: 10 } }] } } },
      },
    ]);
  });

  test('the operation counts as sent by its own source, or by that of the transaction', async () => {
    const own = { ...transfer(), from: source.publicKey() };
    const answer = await simulate({ transaction: envelope([invocation(transferArgs(own))]) });
    expect(answer).toMatchObject({ results: [{ auth: [bySource(own).toXdr('base64')] }] });
  });

  test('more instructions can be asked for', async () => {
    const transaction = envelope([invocation(transferArgs(transfer()))]);
    const instructions = async (resourceConfig?: object) => {
      const answer = await simulate({ transaction, resourceConfig });
      return SorobanTransactionData.fromXdr(`${answer['transactionData']}`, 'base64').resources.instructions;
    };
    expect((await instructions({ instructionLeeway: 1_000_000 })) - (await instructions())).toBe(950_000);
  });

  test('what it cannot simulate it says', async () => {
    const call = invocation(transferArgs(transfer()));
    expect(await simulate({})).toEqual({ error: 'Could not unmarshal transaction', latestLedger: 0 });
    expect(await simulate({ transaction: 'AAAA' })).toMatchObject({ error: 'Could not unmarshal transaction' });
    expect(await simulate({ transaction: envelope([call, call]) })).toMatchObject({
      error: 'Transaction contains more than one operation',
    });
    expect(await simulate({ transaction: envelope([pay(treasury, 1n)]) })).toMatchObject({
      error: expect.stringContaining('unsupported operation type'),
    });
    expect(await simulate({ transaction: envelope([invocation(transferArgs(transfer(), 'burn'))]) })).toMatchObject({
      error: expect.stringContaining('nothing but transfer'),
    });
  });

  test('an archived entry is among what the transaction is to restore', async () => {
    stellar.archive(contractDataKey(instancePlace(contract)).toXdr('base64'));
    const answer = await simulate({ transaction: envelope([invocation(transferArgs(transfer()))]) });
    const data = SorobanTransactionData.fromXdr(`${answer['transactionData']}`, 'base64');
    const written = data.resources.footprint.readWrite.map((key) => key.toXdr('base64'));
    const index = written.indexOf(contractDataKey(instancePlace(contract)).toXdr('base64'));
    expect(oracle('SorobanTransactionData', data)).toMatchObject({
      ext: { v1: { archived_soroban_entries: [index] } },
    });
    expect(answer).not.toHaveProperty('restorePreamble');
  });

  test('takes any envelope, signed or not', async () => {
    const read = TransactionEnvelope.fromXdr(envelope([invocation(transferArgs(transfer()))]), 'base64');
    expect(read.type).toBe('envelopeTypeTx');
    expect(await simulate({ transaction: read.toXdr('base64') })).not.toHaveProperty('error');
  });
});

describe('the paths beside the RPC', () => {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${stellar.url}/_dev/${path}`, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };

  test('deploy the contract of an asset, once', async () => {
    const asset = `USD:${source.publicKey()}`;
    const first = await post('asset-contract', { asset });
    expect(first).toEqual({ status: 200, body: { contract: expect.stringMatching(/^C/) } });
    expect(await post('asset-contract', { asset })).toEqual(first);
    expect(await post('asset-contract', { asset: 'native' })).toEqual({ status: 200, body: { contract } });
    expect(await post('asset-contract', { asset: 'USD' })).toMatchObject({ status: 400 });
  });

  test('archive an entry', async () => {
    const key = contractDataKey(instancePlace(contract)).toXdr('base64');
    expect(await post('archive', { key })).toEqual({ status: 200, body: { key } });
    expect(await post('archive', { key })).toMatchObject({ status: 400 });
    expect(await post('archive', { key: 'nothing' })).toMatchObject({ status: 400 });
  });
});
