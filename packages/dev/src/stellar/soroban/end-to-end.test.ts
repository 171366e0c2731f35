import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  Account,
  Address,
  Asset,
  authorizeEntry,
  Keypair,
  nativeToScVal,
  Operation,
  TransactionBuilder,
} from '@stellar/stellar-sdk/base';
import { Api, assembleTransaction, Durability, Server } from '@stellar/stellar-sdk/rpc';
import { ScVal, type SorobanAuthorizationEntry } from '@stellar/stellar-sdk/xdr';
import { type StellarRpc, startStellarRpc } from '../rpc/server.ts';
import { SOME_CONTRACT } from '../testing/contract-calls.ts';

const PASSPHRASE = 'Standalone Network ; February 2017';
const OPTIONS = { fee: '100', networkPassphrase: PASSPHRASE };

let stellar: StellarRpc;
let server: Server;
beforeEach(async () => {
  stellar = await startStellarRpc({ networkPassphrase: PASSPHRASE, closeEveryMs: 'manual' });
  server = new Server(stellar.url, { allowHttp: true });
});
afterEach(() => stellar.close());

async function funded(): Promise<Keypair> {
  const keys = Keypair.random();
  await stellar.fund([{ address: keys.publicKey(), balance: '1000' }]);
  return keys;
}

/** Sends a transfer by an account that is not the source, as an application does it with the SDK. */
async function send(contract: string, channel: Keypair, treasury: Keypair, to: string, amount: bigint) {
  const source = await server.getAccount(channel.publicKey());
  const args = [
    Address.fromString(treasury.publicKey()).toScVal(),
    Address.fromString(to).toScVal(),
    nativeToScVal(amount, { type: 'i128' }),
  ];
  const build = (auth: SorobanAuthorizationEntry[] = []) => {
    const operation = Operation.invokeContractFunction({ contract, function: 'transfer', args, auth });
    const account = new Account(source.accountId(), source.sequenceNumber());
    return new TransactionBuilder(account, OPTIONS).addOperation(operation).setTimeout(60).build();
  };
  const recorded = await server.simulateTransaction(build());
  if (!Api.isSimulationSuccess(recorded)) throw new Error(JSON.stringify(recorded));
  const [entry] = recorded.result?.auth ?? [];
  if (!entry) throw new Error('nothing to authorize');
  const signed = await authorizeEntry(entry, treasury, recorded.latestLedger + 100, PASSPHRASE);
  const transaction = build([signed]);
  const enforced = await server.simulateTransaction(transaction, undefined, 'enforce');
  if (!Api.isSimulationSuccess(enforced)) throw new Error(JSON.stringify(enforced));
  const assembled = assembleTransaction(transaction, enforced).build();
  assembled.sign(channel);
  const sent = await server.sendTransaction(assembled);
  if (sent.status !== 'PENDING') throw new Error(sent.status);
  stellar.closeLedger();
  return server.getTransaction(sent.hash);
}

describe("with the SDK's own client", () => {
  test('lumens go from account to account', async () => {
    const [channel, treasury, payee] = [await funded(), await funded(), await funded()];
    const found = await send(stellar.deployAssetContract('native'), channel, treasury, payee.publicKey(), 50_000_000n);
    expect(found.status).toBe('SUCCESS');
    expect(stellar.ledger.account(payee.publicKey())?.balance).toBe(10_050_000_000n);
    expect(stellar.ledger.account(treasury.publicKey())?.balance).toBe(9_950_000_000n);
  });

  test('an issued asset goes to a contract, whose balance can be looked up', async () => {
    const [channel, treasury, issuer] = [await funded(), await funded(), await funded()];
    const asset = new Asset('USD', issuer.publicKey());
    const setup = new TransactionBuilder(await server.getAccount(treasury.publicKey()), OPTIONS)
      .addOperation(Operation.changeTrust({ asset }))
      .addOperation(
        Operation.payment({ source: issuer.publicKey(), destination: treasury.publicKey(), asset, amount: '100' }),
      )
      .setTimeout(60)
      .build();
    setup.sign(treasury, issuer);
    await server.sendTransaction(setup);
    stellar.closeLedger();
    const contract = stellar.deployAssetContract(`USD:${issuer.publicKey()}`);
    expect(contract).toBe(asset.contractId(PASSPHRASE));

    const found = await send(contract, channel, treasury, SOME_CONTRACT, 30n);
    if (found.status !== Api.GetTransactionStatus.SUCCESS) throw new Error(found.status);
    expect(found.returnValue?.type).toBe('scvVoid');
    expect(found.events.contractEventsXdr.flat().map(({ body }) => body.v0.topics.length)).toEqual([4]);
    const key = ScVal.scvVec([ScVal.scvSymbol('Balance'), Address.fromString(SOME_CONTRACT).toScVal()]);
    const balance = await server.getContractData(contract, key, Durability.Persistent);
    expect(balance.liveUntilLedgerSeq).toBeGreaterThan(2_000_000);
    const instance = await server.getSACBalance(SOME_CONTRACT, asset, PASSPHRASE);
    expect(instance.balanceEntry?.amount).toBe('30');
  });

  test('a failed transfer is found with the diagnostics of its failure', async () => {
    const [channel, treasury, payee] = [await funded(), await funded(), await funded()];
    const contract = stellar.deployAssetContract('native');
    const drain = new TransactionBuilder(await server.getAccount(treasury.publicKey()), OPTIONS)
      .addOperation(Operation.payment({ destination: payee.publicKey(), asset: Asset.native(), amount: '990' }))
      .setTimeout(60)
      .build();
    drain.sign(treasury);
    await server.sendTransaction(drain);
    const found = await send(contract, channel, treasury, payee.publicKey(), 500_000_000n);
    if (found.status !== Api.GetTransactionStatus.FAILED) throw new Error(found.status);
    expect(found.diagnosticEventsXdr?.length).toBe(2);
    expect(found.resultXdr.result.type).toBe('txFailed');
  });

  test('the fees of calls have statistics of their own', async () => {
    const [channel, treasury, payee] = [await funded(), await funded(), await funded()];
    await send(stellar.deployAssetContract('native'), channel, treasury, payee.publicKey(), 1n);
    const { sorobanInclusionFee } = await server.getFeeStats();
    expect(sorobanInclusionFee).toMatchObject({ max: '100', transactionCount: '1' });
  });
});
