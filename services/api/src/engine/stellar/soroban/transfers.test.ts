import { describe, expect, test } from '@jest/globals';
import { deployToken, heldBy, newContract, sorobanWorld, wantToken } from '../../../../testing/engine/contracts.ts';
import { issueAsset } from '../../../../testing/engine/issued-asset.ts';
import { attemptsOf, auditOf, wayOf } from '../../../../testing/engine/records.ts';
import { runEngine } from '../../../../testing/engine/run-engine.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand(sorobanWorld());

describe('a payout to a contract', () => {
  test('of lumens is paid by one authorization and one envelope around it', async () => {
    const token = deployToken(stand.world);
    const [contract, { stellar }] = [newContract(), stand.world.keys];
    const before = stand.world.balance(stellar.address);
    const [id = ''] = await stand.database.accept(stand.world.want(contract, 3n * XLM));
    const [payout] = await stand.database.reached([id], 'completed', 'failed', 'indeterminate');
    expect(payout).toMatchObject({ status: 'completed', reason_code: null, path: 'legacy' });
    expect(heldBy(stand.world, token, contract)).toBe(3n * XLM);
    expect(before - stand.world.balance(stellar.address)).toBe(3n * XLM);
    expect(await wayOf(stand.database, id)).toEqual([
      'created',
      'signing',
      'signing',
      'submitted',
      'confirming',
      'completed',
    ]);
    const [attempt, ...more] = await attemptsOf(stand.database, [id]);
    expect(attempt).toMatchObject({ state: 'succeeded' });
    expect(more).toEqual([]);
    expect(stand.world.rpc.ledger.transaction(payout?.hash ?? '')).toBeDefined();
    expect(stand.signer.requests.map(({ transaction }) => transaction.case)).toEqual([
      'stellarAuthorization',
      'stellar',
    ]);
    expect((await auditOf(stand.database, id)).map(({ name }) => name)).toEqual([
      'BuildAuthorization',
      'SignAuthorization',
      'BuildTransaction',
      'SignTransaction',
      'SubmitTransaction',
      'PayoutCompleted',
    ]);
  });

  test('of an issued asset is paid by the contract of that asset', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    const token = deployToken(stand.world, usdc.asset);
    const contract = newContract();
    const ids = await stand.database.accept(usdc.want(contract, 25_000_000n), usdc.want(contract, 5_000_000n));
    await stand.database.reached(ids, 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(30_000_000n);
  });
});

describe('a payout of a token contract', () => {
  test('reaches an account', async () => {
    const token = deployToken(stand.world);
    const [account = ''] = await stand.world.newAccounts(1);
    const wanted = wantToken(stand.world, token, account, 7n * XLM);
    await stand.database.reached(await stand.database.accept(wanted), 'completed');
    expect(stand.world.balance(account)).toBe(17n * XLM);
  });
});

describe('two engines on one database', () => {
  test('share payouts by contract call among the channels and pay everything once', async () => {
    const token = deployToken(stand.world);
    const other = runEngine({
      database: stand.database,
      chains: [stand.world.chain],
      signer: stand.signer,
      now: stand.world.now,
    });
    try {
      const contracts = Array.from({ length: 8 }, newContract);
      const wanted = contracts.map((contract, i) => stand.world.want(contract, BigInt(i + 1) * XLM));
      const ids = (await Promise.all(wanted.map((each) => stand.database.accept(each)))).flat();
      await stand.database.reached(ids, 'completed');
      expect(contracts.map((contract) => heldBy(stand.world, token, contract))).toEqual(
        wanted.map(({ amount }) => amount),
      );
    } finally {
      await other.stop();
    }
  });
});

describe('a node that does not answer', () => {
  test('to a simulation has the payout wait, before and after its authorization', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    const fail = () =>
      stand.world.rpc.faults.add({ fault: { kind: 'status', status: 503 }, method: 'simulateTransaction' });
    fail();
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [before] = await stand.database.showing(ids, 'CHAIN_UNAVAILABLE');
    expect(before?.status).toBe('created');
    stand.once('soroban.authorization.signed.stored', fail);
    stand.world.rpc.faults.clear();
    await eventually(async () => (await wayOf(stand.database, ids[0] ?? '')).includes('signing'));
    const [after] = await stand.database.showing(ids, 'CHAIN_UNAVAILABLE');
    expect(after?.status).toBe('signing');
    stand.world.rpc.faults.clear();
    const [payout] = await stand.database.reached(ids, 'completed');
    expect(payout?.reason_code).toBeNull();
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });
});
