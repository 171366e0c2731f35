import { buildAuthorization } from '@countersign/chains/stellar/build';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Asset, Operation, xdr } from '@stellar/stellar-sdk/base';
import { deployToken, heldBy, newContract, sorobanWorld } from '../../../../testing/engine/contracts.ts';
import { type FaultProxy, startFaultProxy } from '../../../../testing/engine/fault-proxy.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand(sorobanWorld());

describe('a channel that cannot pay the fee', () => {
  test('is passed over, and named where there is no other', async () => {
    await stand.beginAgain({ ...sorobanWorld(), channels: 1 });
    const token = deployToken(stand.world);
    const [elsewhere = ''] = await stand.world.newAccounts(1);
    const contract = newContract();
    const [channel = ''] = stand.world.chain.treasuries[0]?.channels ?? [];
    // Its reserve stays, and the fee of this transaction.
    const left = stand.world.balance(channel) - 2n * XLM - 200n;
    const amount = `${left / XLM}.${(left % XLM).toString().padStart(7, '0')}`;
    stand.world.actAsAdmin(channel, Operation.payment({ destination: elsewhere, asset: Asset.native(), amount }));
    stand.world.close();
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [waiting] = await stand.database.showing(ids, 'CHANNEL_UNDERFUNDED');
    expect(waiting?.status).toBe('created');
    stand.world.payFromRoot(channel);
    await stand.database.reached(ids, 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });
});

describe('a node that has trouble of its own', () => {
  test('ends no payout: it waits, and is paid afterwards', async () => {
    const proxy = await startFaultProxy(stand.world.rpc.url);
    await stand.restartThrough(proxy.url);
    deployToken(stand.world);
    // As Stellar RPC answers, not as a JSON-RPC error.
    proxy.fail({ kind: 'lie', result: { error: 'preflight queue full', latestLedger: 0 } }, 'simulateTransaction');
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    const [waiting] = await stand.database.showing(ids, 'SIMULATION_UNKNOWN');
    expect(waiting?.status).toBe('created');
    proxy.clear();
    await stand.database.reached(ids, 'completed');
    await proxy.close();
  });
});

describe('a token that asks for more than the transfer', () => {
  let proxy: FaultProxy;
  let token: string;
  const contract = newContract();

  beforeEach(async () => {
    proxy = await startFaultProxy(stand.world.rpc.url);
    await stand.restartThrough(proxy.url);
    token = deployToken(stand.world);
  });
  afterEach(() => proxy.close());

  const transfer = (account = stand.world.keys.stellar.address, amount = XLM) => {
    const { entry } = buildAuthorization({
      networkPassphrase: stand.world.chain.networkPassphrase,
      account,
      contract: token,
      destination: contract,
      amount,
      nonce: 5n,
      expirationLedger: 9,
    });
    return xdr.SorobanAuthorizationEntry.fromXdr(entry);
  };
  const withCallUnderIt = (entry: xdr.SorobanAuthorizationEntry) => {
    const { function: called } = entry.rootInvocation;
    const rootInvocation = new xdr.SorobanAuthorizedInvocation({
      function: called,
      subInvocations: [transfer(undefined, 1n).rootInvocation],
    });
    return new xdr.SorobanAuthorizationEntry({ credentials: entry.credentials, rootInvocation });
  };
  const asSource = (entry: xdr.SorobanAuthorizationEntry) =>
    new xdr.SorobanAuthorizationEntry({
      credentials: xdr.SorobanCredentials.sorobanCredentialsSourceAccount(),
      rootInvocation: entry.rootInvocation,
    });

  test.each<[string, () => xdr.SorobanAuthorizationEntry[]]>([
    ['no authorization', () => []],
    ['two', () => [transfer(), transfer()]],
    ['one for another amount', () => [transfer(undefined, XLM + 1n)]],
    ['one with a call under it', () => [withCallUnderIt(transfer())]],
    ['one of another account', () => [transfer(stand.world.keys.issuer.publicKey())]],
    ['one of the channel', () => [asSource(transfer())]],
  ])('(%s) is refused before anything is signed', async (_asked, entries) => {
    const auth = entries().map((entry) => entry.toXdr('base64'));
    proxy.fail({ kind: 'lie', result: { results: [{ auth, xdr: 'AAAAAQ==' }] } }, 'simulateTransaction');
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached(ids, 'failed', 'completed');
    expect(payout?.reason_code).toBe('AUTHORIZATION_DIFFERS');
    expect(stand.signer.requests).toEqual([]);
  });

  test('and one that asks for exactly that is paid', async () => {
    const auth = [transfer().toXdr('base64')];
    stand.once('soroban.preflight.done', () => proxy.clear());
    proxy.fail({ kind: 'lie', result: { results: [{ auth, xdr: 'AAAAAQ==' }] } }, 'simulateTransaction');
    await stand.database.reached(await stand.database.accept(stand.world.want(contract, XLM)), 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });

  test('by touching what no transfer does is refused before anything is signed', async () => {
    const offer = xdr.LedgerKey.offer(
      new xdr.LedgerKeyOffer({
        sellerId: xdr.PublicKey.publicKeyTypeEd25519(stand.world.keys.issuer.rawPublicKey()),
        offerId: 1n,
      }),
    );
    const resources = new xdr.SorobanResources({
      footprint: new xdr.LedgerFootprint({ readOnly: [], readWrite: [offer] }),
      instructions: 1,
      diskReadBytes: 1,
      writeBytes: 1,
    });
    const data = new xdr.SorobanTransactionData({
      ext: xdr.SorobanTransactionDataExt.v0(),
      resources,
      resourceFee: 100n,
    });
    proxy.fail({ kind: 'lie', result: { transactionData: data.toXdr('base64') } }, 'simulateTransaction');
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached(ids, 'failed', 'completed');
    expect(payout?.reason_code).toBe('UNSUPPORTED_FOOTPRINT_KEY');
    expect(stand.signer.requests).toEqual([]);
  });
});
