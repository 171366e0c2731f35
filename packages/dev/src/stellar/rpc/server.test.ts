import { afterEach, describe, expect, test } from '@jest/globals';
import { Account, Operation, TransactionBuilder } from '@stellar/stellar-sdk/base';
import { Api } from '@stellar/stellar-sdk/rpc';
import { LedgerKey, LedgerKeyAccount, LedgerKeyTtl } from '@stellar/stellar-sdk/xdr';
import { newKeys, PASSPHRASE } from '../testing/harness.ts';
import { loadOracle } from '../testing/oracle.ts';
import { builder, payment, root, running, start, stopAll } from '../testing/rpc.ts';
import type { Fault } from './faults.ts';

const oracle = await loadOracle();
afterEach(stopAll);

async function post(url: string, body: string, headers: Record<string, string> = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

async function call(url: string, method: string, params: unknown = {}) {
  const { status, text } = await post(url, JSON.stringify({ jsonrpc: '2.0', id: 7, method, params }));
  expect(status).toBe(200);
  return JSON.parse(text);
}

describe('read by the SDK’s client', () => {
  test('health, network and the latest ledger', async () => {
    const { client, ledger, url } = await start();
    expect(await client.getHealth()).toMatchObject({
      status: 'healthy',
      latestLedger: 1,
      oldestLedger: 1,
      ledgerRetentionWindow: 17_280,
    });
    expect(await client.getNetwork()).toMatchObject({
      passphrase: PASSPHRASE,
      protocolVersion: 25,
      friendbotUrl: `${url}/_dev/fund`,
    });
    const latest = await client.getLatestLedger();
    expect(latest).toMatchObject({ sequence: 1, closeTime: `${ledger.latest().closeTime}` });
    expect(latest.headerXdr.ledgerSeq).toBe(1);
    expect(latest.metadataXdr.type).toBe('v2');
    expect(latest.id).toBe(Buffer.from(ledger.latest().hash).toString('hex'));
  });

  test('accounts, as ledger entries without a lifetime', async () => {
    const { client, url } = await start();
    const account = await client.getAccount(root.publicKey());
    expect(account.sequenceNumber()).toBe('0');
    await expect(client.getAccount(newKeys().publicKey())).rejects.toThrow('Account not found');
    const key = LedgerKey.account(new LedgerKeyAccount({ accountId: root.xdrAccountId() })).toXdr('base64');
    const { result } = await call(url, 'getLedgerEntries', { keys: [key, key] });
    expect(result).toEqual({
      entries: [{ key, xdr: expect.any(String), lastModifiedLedgerSeq: 1, extXdr: 'AAAAAA==' }],
      latestLedger: 1,
    });
    expect(oracle('LedgerEntryData', result.entries[0].xdr)).toMatchObject({
      account: { account_id: root.publicKey(), balance: '1000000000000000000' },
    });
  });

  test('a payment from submission to its result', async () => {
    const { client, ledger, closeLedger } = await start();
    const transaction = await payment(client);
    const hash = Buffer.from(transaction.hash()).toString('hex');
    const sent = await client.sendTransaction(transaction);
    expect(sent).toEqual({
      status: 'PENDING',
      hash,
      latestLedger: 1,
      latestLedgerCloseTime: `${ledger.latest().closeTime}`,
    });
    expect(await client.getTransaction(hash)).toMatchObject({ status: 'NOT_FOUND', latestLedger: 1, oldestLedger: 1 });
    closeLedger();
    const found = await client.getTransaction(hash);
    expect(found).toMatchObject({
      status: 'SUCCESS',
      txHash: hash,
      ledger: 2,
      createdAt: `${ledger.latest().closeTime}`,
      applicationOrder: 1,
      feeBump: false,
      latestLedger: 2,
    });
    if (found.status !== Api.GetTransactionStatus.SUCCESS) throw new Error(found.status);
    expect(found.envelopeXdr.toXdr('base64')).toBe(transaction.toEnvelope().toXdr('base64'));
    expect(found.resultXdr.result.type).toBe('txSuccess');
    expect(found.resultMetaXdr.type).toBe('v4');
  });

  test('a transaction that failed on the ledger', async () => {
    const { client, closeLedger } = await start();
    const sent = await client.sendTransaction(await payment(client, newKeys().publicKey()));
    closeLedger();
    const found = await client.getTransaction(sent.hash);
    if (found.status !== Api.GetTransactionStatus.FAILED) throw new Error(found.status);
    expect(oracle('TransactionResult', found.resultXdr)).toMatchObject({
      result: { tx_failed: [{ op_inner: { payment: 'no_destination' } }] },
    });
  });

  test('a refused transaction carries its result', async () => {
    const { client } = await start();
    const transaction = builder(new Account(root.publicKey(), '41'))
      .addOperation(Operation.bumpSequence({ bumpTo: '0' }))
      .build();
    transaction.sign(root);
    const sent = await client.sendTransaction(transaction);
    expect(sent.status).toBe('ERROR');
    expect(sent.errorResult?.result.type).toBe('txBadSeq');
  });

  test('the same again, another of the same source, and the same after it was applied', async () => {
    const { client, closeLedger } = await start();
    const [first, second] = [await payment(client), await payment(client, root.publicKey(), '2')];
    expect((await client.sendTransaction(first)).status).toBe('PENDING');
    expect((await client.sendTransaction(first)).status).toBe('DUPLICATE');
    expect((await client.sendTransaction(second)).status).toBe('TRY_AGAIN_LATER');
    closeLedger();
    expect((await client.sendTransaction(first)).status).toBe('TRY_AGAIN_LATER');
  });

  test('a fee bump, found by its own hash and by the inner one', async () => {
    const { client, closeLedger } = await start();
    const inner = await payment(client);
    const bumped = TransactionBuilder.buildFeeBumpTransaction(root, '1000', inner, PASSPHRASE);
    bumped.sign(root);
    await client.sendTransaction(inner);
    const sent = await client.sendTransaction(bumped);
    expect(sent).toMatchObject({ status: 'PENDING', hash: Buffer.from(bumped.hash()).toString('hex') });
    closeLedger();
    const innerHash = Buffer.from(inner.hash()).toString('hex');
    const byOuter = await client.getTransaction(sent.hash);
    const byInner = await client.getTransaction(innerHash);
    expect(byOuter).toMatchObject({ status: 'SUCCESS', feeBump: true });
    expect({ ...byInner, txHash: sent.hash }).toEqual(byOuter);
    if (byInner.status !== Api.GetTransactionStatus.SUCCESS) throw new Error(byInner.status);
    expect(oracle('TransactionResult', byInner.resultXdr)).toMatchObject({
      fee_charged: '200',
      result: { tx_fee_bump_inner_success: { transaction_hash: innerHash } },
    });
  });

  test('fee statistics', async () => {
    const { client, closeLedger } = await start();
    const zero = { max: '0', p50: '0', transactionCount: '0', ledgerCount: 0 };
    expect(await client.getFeeStats()).toMatchObject({
      inclusionFee: zero,
      sorobanInclusionFee: zero,
      latestLedger: 1,
    });
    await client.sendTransaction(await payment(client));
    closeLedger();
    expect((await client.getFeeStats()).inclusionFee).toEqual({
      ...Object.fromEntries([10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99].map((percent) => [`p${percent}`, '100'])),
      max: '100',
      min: '100',
      mode: '100',
      transactionCount: '1',
      ledgerCount: 1,
    });
  });

  test('friendbot creates accounts, and knows those it has', async () => {
    const { client } = await start();
    const keys = newKeys();
    const account = await client.requestAirdrop(keys.publicKey());
    expect(account.sequenceNumber()).toBe(`${2n << 32n}`);
    expect((await client.getAccountEntry(keys.publicKey())).balance).toBe(100_000_000_000n);
    expect((await client.requestAirdrop(keys.publicKey())).sequenceNumber()).toBe(account.sequenceNumber());
  });

  test('old transactions are forgotten with their ledgers', async () => {
    const { client, closeLedger } = await start({ retentionLedgers: 2 });
    const sent = await client.sendTransaction(await payment(client));
    for (let ledgers = 0; ledgers < 2; ledgers++) closeLedger();
    expect(await client.getTransaction(sent.hash)).toMatchObject({ status: 'SUCCESS', oldestLedger: 2 });
    closeLedger();
    expect(await client.getTransaction(sent.hash)).toMatchObject({ status: 'NOT_FOUND', oldestLedger: 3 });
  });

  test('ledgers close by themselves', async () => {
    const { client } = await start({ closeEveryMs: 100 });
    const sent = await client.sendTransaction(await payment(client));
    const found = await client.pollTransaction(sent.hash, { attempts: 50, sleepStrategy: () => 50 });
    expect(found.status).toBe('SUCCESS');
  });

  test('a server whose ledgers have stopped says so', async () => {
    let now = Date.now();
    const { client } = await start({ closeEveryMs: 1_000_000, now: () => now });
    expect(await client.getHealth()).toMatchObject({ status: 'healthy' });
    now += 31_000;
    await expect(client.getHealth()).rejects.toMatchObject({ code: -32603, message: expect.stringContaining('(31s)') });
  });
});

describe('requests that are wrong', () => {
  test.each<[string, unknown, string]>([
    ['sendTransaction', {}, 'invalid_xdr'],
    ['sendTransaction', { transaction: 'no base64' }, 'invalid_xdr'],
    ['sendTransaction', { transaction: 'AAAA' }, 'invalid_xdr'],
    ['sendTransaction', { transaction: '', xdrFormat: 'json' }, 'expected xdrFormat base64, got json'],
    ['getTransaction', {}, 'unexpected hash length (0)'],
    ['getTransaction', { hash: 'ab' }, 'unexpected hash length (2)'],
    ['getTransaction', { hash: 7 }, 'invalid parameters: hash must be a string'],
    ['getTransaction', { hash: 'x'.repeat(64) }, 'incorrect hash: not hexadecimal'],
    ['getLedgerEntries', { keys: 'x' }, 'invalid parameters: keys must be an array'],
    ['getLedgerEntries', { keys: ['AAAA'] }, 'cannot unmarshal key value AAAA at index 0'],
    ['getLedgerEntries', { keys: Array(201).fill('') }, 'key count (201) exceeds maximum supported (200)'],
    [
      'getLedgerEntries',
      { keys: [LedgerKey.ttl(new LedgerKeyTtl({ keyHash: new Uint8Array(32) })).toXdr('base64')] },
      'ledger ttl entries cannot be queried directly',
    ],
  ])('%s %j', async (method, params, message) => {
    const { url } = await start();
    expect(await call(url, method, params)).toEqual({ jsonrpc: '2.0', id: 7, error: { code: -32602, message } });
  });

  test('an unknown method is an error under status 200', async () => {
    const { url } = await start();
    expect(await call(url, 'getEvents')).toMatchObject({ error: { code: -32601 } });
  });

  test('what is no JSON-RPC request at all is an error of HTTP', async () => {
    const { url } = await start();
    expect(await post(url, '{')).toEqual({ status: 500, text: '[-32700] invalid request value\n' });
    expect((await post(url, '{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await fetch(url)).status).toBe(405);
    expect(await post(url, JSON.stringify({ jsonrpc: '2.0', method: 'getHealth' }))).toEqual({ status: 204, text: '' });
  });

  test('a body beyond half a megabyte is refused', async () => {
    const { url } = await start();
    const body = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'getHealth', params: { x: 'x'.repeat(512 * 1024) } });
    expect(await post(url, body)).toEqual({ status: 500, text: 'http: request body too large\n' });
  });
});

describe('faults', () => {
  const failing = async (fault: Fault) => {
    const started = await start();
    started.faults.add({ fault, times: 1 });
    return started;
  };

  test('reset closes the connection, once', async () => {
    const { client } = await failing({ kind: 'reset' });
    await expect(client.getHealth()).rejects.toThrow();
    expect(await client.getHealth()).toMatchObject({ status: 'healthy' });
  });

  test('status answers with an HTTP error', async () => {
    const { url } = await failing({ kind: 'status', status: 503, body: 'busy' });
    expect(await post(url, '{}')).toEqual({ status: 503, text: 'busy\n' });
  });

  test('error answers with a JSON-RPC error under status 200', async () => {
    const { client } = await failing({ kind: 'error', code: -32603, message: 'no' });
    await expect(client.getHealth()).rejects.toEqual({ code: -32603, message: 'no' });
  });

  test('hang never answers', async () => {
    const { url } = await failing({ kind: 'hang' });
    const signal = AbortSignal.timeout(100);
    const headers = { 'content-type': 'application/json' };
    await expect(fetch(url, { method: 'POST', headers, body: '{}', signal })).rejects.toThrow('timeout');
  });

  test('slow answers, later', async () => {
    const { client } = await failing({ kind: 'slow', ms: 60 });
    const before = performance.now();
    expect(await client.getHealth()).toMatchObject({ status: 'healthy' });
    expect(performance.now() - before).toBeGreaterThan(50);
  });

  test('cut does the work and keeps the answer', async () => {
    const { client, faults, closeLedger } = await start();
    const transaction = await payment(client);
    faults.add({ fault: { kind: 'cut' }, method: 'sendTransaction', times: 1 });
    await expect(client.sendTransaction(transaction)).rejects.toThrow();
    expect((await client.sendTransaction(transaction)).status).toBe('DUPLICATE');
    closeLedger();
    const found = await client.getTransaction(Buffer.from(transaction.hash()).toString('hex'));
    expect(found.status).toBe('SUCCESS');
  });

  test('lose takes a transaction that nobody ever sees again', async () => {
    const { client, faults, closeLedger } = await start();
    const transaction = await payment(client);
    faults.add({ fault: { kind: 'lose' }, times: 1 });
    const sent = await client.sendTransaction(transaction);
    expect(sent.status).toBe('PENDING');
    closeLedger();
    expect((await client.getTransaction(sent.hash)).status).toBe('NOT_FOUND');
    expect((await client.sendTransaction(transaction)).status).toBe('PENDING');
    closeLedger();
    expect((await client.getTransaction(sent.hash)).status).toBe('SUCCESS');
  });

  test('hold queues a transaction that ledgers pass by', async () => {
    const { client, faults, closeLedger } = await start();
    faults.add({ fault: { kind: 'hold', ledgers: 1 }, times: 1 });
    const sent = await client.sendTransaction(await payment(client));
    closeLedger();
    expect((await client.getTransaction(sent.hash)).status).toBe('NOT_FOUND');
    closeLedger();
    expect((await client.getTransaction(sent.hash)).status).toBe('SUCCESS');

    faults.add({ fault: { kind: 'hold', ledgers: 'forever' }, times: 1 });
    const transaction = await payment(client);
    await client.sendTransaction(transaction);
    for (let ledgers = 0; ledgers < 4; ledgers++) closeLedger();
    expect((await client.sendTransaction(transaction)).status).toBe('TRY_AGAIN_LATER');
  });
});

test('closing refuses what still waits and frees the port', async () => {
  const { fund, close, url } = await start({ closeEveryMs: 1_000_000 });
  const asked = fund([{ address: newKeys().publicKey(), balance: '5' }]);
  running.pop();
  await Promise.all([expect(asked).rejects.toThrow('ledger is closed'), close()]);
  await expect(fetch(url)).rejects.toThrow();
});
