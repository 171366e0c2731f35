import { describe, expect, test } from '@jest/globals';
import { Asset, AuthRequiredFlag, Keypair, Operation } from '@stellar/stellar-sdk/base';
import {
  balanceEntry,
  deployToken,
  heldBy,
  newContract,
  sorobanWorld,
  wantToken,
} from '../../../../testing/engine/contracts.ts';
import { apply, issueAsset } from '../../../../testing/engine/issued-asset.ts';
import { attemptsOf } from '../../../../testing/engine/records.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const UNIT = 10_000_000n;
const stand = useStellarStand(sorobanWorld());

describe('before anything is signed, a payout fails', () => {
  const fails = async (ids: readonly string[], code: string, detail?: string) => {
    const [payout] = await stand.database.reached(ids, 'failed', 'completed', 'indeterminate');
    expect(payout).toMatchObject({ status: 'failed', reason_code: code });
    if (detail !== undefined) expect(payout?.reason_detail).toContain(detail);
    expect(stand.signer.requests).toEqual([]);
    expect(await attemptsOf(stand.database, ids)).toEqual([]);
  };

  test('of which the destination does not exist', async () => {
    const token = deployToken(stand.world);
    const wanted = wantToken(stand.world, token, Keypair.random().publicKey(), XLM);
    await fails(await stand.database.accept(wanted), 'DESTINATION_UNFUNDED');
  });

  test('of which the destination has no trustline', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    const token = deployToken(stand.world, usdc.asset);
    const [account = ''] = await stand.world.newAccounts(1);
    await fails(await stand.database.accept(wantToken(stand.world, token, account, UNIT)), 'DESTINATION_NO_TRUSTLINE');
  });

  test('of which the trustline has no room', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    const token = deployToken(stand.world, usdc.asset);
    const holder = await usdc.newHolder({ limit: '2' });
    const ids = await stand.database.accept(
      wantToken(stand.world, token, holder.publicKey(), 3n * UNIT),
      wantToken(stand.world, token, holder.publicKey(), 2n * UNIT),
    );
    const payouts = await stand.database.reached(ids, 'failed', 'completed');
    expect(payouts.map(({ reason_code }) => reason_code)).toEqual(['DESTINATION_LINE_FULL', null]);
  });

  test('of which the issuer does not let the destination hold any', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    deployToken(stand.world, usdc.asset);
    await apply(stand.world, usdc.issuer, Operation.setOptions({ setFlags: AuthRequiredFlag }));
    await fails(await stand.database.accept(usdc.want(newContract(), UNIT)), 'DESTINATION_NOT_AUTHORIZED');
  });

  test('of which what the contract holds was archived', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    await stand.database.reached(await stand.database.accept(stand.world.want(contract, XLM)), 'completed');
    stand.world.rpc.archive(balanceEntry(token, contract).toXdr('base64'));
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached(ids, 'failed', 'completed');
    expect(payout?.reason_code).toBe('ENTRY_ARCHIVED');
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });

  test('of which the network has frozen what the destination holds', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.world.rpc.ledger.freeze(balanceEntry(token, contract));
    await fails(await stand.database.accept(stand.world.want(contract, XLM)), 'TX_FROZEN_KEY_ACCESSED');
  });

  test('of which nobody has created the token contract', async () => {
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    await fails(ids, 'SIMULATION_FAILED', 'HostError');
  });

  test('that would cost more than the treasury allows', async () => {
    await stand.beginAgain(sorobanWorld({ maxResourceFee: 1_000n }));
    deployToken(stand.world);
    await fails(await stand.database.accept(stand.world.want(newContract(), XLM)), 'RESOURCE_FEE_ABOVE_LIMIT', '1000');
  });

  test('that has a memo, which no contract would see', async () => {
    deployToken(stand.world);
    const wanted = stand.world.want(newContract(), XLM, { type: 'text', value: 'invoice 7' });
    await fails(await stand.database.accept(wanted), 'MEMO_NOT_SUPPORTED');
  });

  test('where the treasury is not set up for contract calls', async () => {
    await stand.beginAgain({});
    await fails(await stand.database.accept(stand.world.want(newContract(), XLM)), 'DESTINATION_NOT_SUPPORTED');
  });
});

describe('a payout waits', () => {
  test('while the treasury has too little, and is paid afterwards', async () => {
    const token = deployToken(stand.world);
    const { address } = stand.world.keys.stellar;
    const contract = newContract();
    const [elsewhere = ''] = await stand.world.newAccounts(1);
    const amount = `${stand.world.balance(address) / XLM - 5n}`;
    stand.world.actAsAdmin(address, Operation.payment({ destination: elsewhere, asset: Asset.native(), amount }));
    stand.world.close();
    const ids = await stand.database.accept(stand.world.want(contract, 50n * XLM));
    const [waiting] = await stand.database.showing(ids, 'TREASURY_UNDERFUNDED');
    expect(waiting?.status).toBe('created');
    expect(stand.signer.requests).toEqual([]);
    stand.world.payFromRoot(address);
    await stand.database.reached(ids, 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(50n * XLM);
  });

  test('while a token that the treasury has goes to payouts in flight, and is paid afterwards', async () => {
    const token = deployToken(stand.world);
    const { address } = stand.world.keys.stellar;
    const [elsewhere = '', one = '', other = ''] = await stand.world.newAccounts(3);
    const amount = `${stand.world.balance(address) / XLM - 100n}`;
    stand.world.actAsAdmin(address, Operation.payment({ destination: elsewhere, asset: Asset.native(), amount }));
    stand.world.close();
    const wanted = [one, other].map((account) => wantToken(stand.world, token, account, 60n * XLM));
    const ids = await stand.database.accept(...wanted);
    await eventually(async () => {
      const payouts = await stand.database.payouts(ids);
      const [done, open] = ['completed', 'created'].map((is) => payouts.find(({ status }) => status === is));
      return done !== undefined && open?.reason_code === 'TREASURY_UNDERFUNDED';
    });
    expect(stand.signer.requests).toHaveLength(2);
    stand.world.payFromRoot(address);
    await stand.database.reached(ids, 'completed');
    expect([one, other].map((account) => stand.world.balance(account))).toEqual([70n * XLM, 70n * XLM]);
  });

  test('while the issuer does not let the treasury pay, and is paid afterwards', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    const token = deployToken(stand.world, usdc.asset);
    const contract = newContract();
    await usdc.allow(stand.world.keys.stellar.address, 'none');
    const ids = await stand.database.accept(usdc.want(contract, UNIT));
    const [waiting] = await stand.database.showing(ids, 'TREASURY_NOT_AUTHORIZED');
    expect(waiting?.status).toBe('created');
    await usdc.allow(stand.world.keys.stellar.address, 'authorized');
    await stand.database.reached(ids, 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(UNIT);
  });

  test('in its authorization while the issuer does not let the treasury pay any more', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    const token = deployToken(stand.world, usdc.asset);
    const contract = newContract();
    stand.once('soroban.authorization.signed.stored', () => usdc.allow(stand.world.keys.stellar.address, 'none'));
    const ids = await stand.database.accept(usdc.want(contract, UNIT));
    const [waiting] = await stand.database.showing(ids, 'TREASURY_NOT_AUTHORIZED');
    expect(waiting?.status).toBe('signing');
    await usdc.allow(stand.world.keys.stellar.address, 'authorized');
    await stand.database.reached(ids, 'completed');
    expect(heldBy(stand.world, token, contract)).toBe(UNIT);
  });
});
