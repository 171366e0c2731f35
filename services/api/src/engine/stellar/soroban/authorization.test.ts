import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { Keypair } from '@stellar/stellar-sdk/base';
import { deployToken, heldBy, newContract, sorobanWorld } from '../../../../testing/engine/contracts.ts';
import { attemptsOf, auditOf, wayOf } from '../../../../testing/engine/records.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';
import { useAuthorization } from '../../../../testing/engine/stranger.ts';
import { eventually } from '../../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand(sorobanWorld({ authorizationLedgers: 60n }));

const denied = (...reasons: { code: string; message: string }[]) =>
  new CountersignError('POLICY_DENIED', 'policy does not allow it', { reasons });

describe('an authorization', () => {
  test('that somebody else uses is told from ours: the payout is set aside, and paid once', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    let id = '';
    stand.once('soroban.authorization.signed.stored', () => useAuthorization(stand.world, stand.database, id));
    [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached([id], 'indeterminate', 'failed', 'completed');
    expect(payout).toMatchObject({ status: 'indeterminate', reason_code: 'AUTHORIZATION_USED' });
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'AUTHORIZATION_USED' })).toBe(1);
    expect((await auditOf(stand.database, id)).map(({ name }) => name)).toContain('ResolveAuthorization');
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
    const next = await stand.database.accept(stand.world.want(newContract(), XLM));
    await stand.database.reached(next, 'completed');
  });

  test('that somebody else uses before our envelope arrives is used once: ours fails on the ledger', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    let id = '';
    stand.once('stellar.sign.answered', () => useAuthorization(stand.world, stand.database, id));
    [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached([id], 'indeterminate', 'failed', 'completed');
    expect(payout).toMatchObject({ status: 'indeterminate', reason_code: 'AUTHORIZATION_USED' });
    expect((await attemptsOf(stand.database, [id])).map(({ state }) => state)).toEqual(['failed']);
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });

  test('whose answer was lost is asked for again, and is the same', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.signer.interfere({ kind: 'lose-answer' }, 2);
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    await stand.database.reached(ids, 'completed');
    const asked = stand.signer.requests.filter(({ transaction }) => transaction.case === 'stellarAuthorization');
    expect(new Set(asked.map(({ requestId }) => requestId)).size).toBe(1);
    expect(asked).toHaveLength(3);
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });
});

describe('a signer that is away', () => {
  test('costs no payout its authorization but the one that it was asked for', async () => {
    const token = deployToken(stand.world);
    const contracts = Array.from({ length: 4 }, newContract);
    let isAway = true;
    const error = () => (isAway ? new CountersignError('UNAVAILABLE', 'no connection') : undefined);
    stand.signer.interfere({ kind: 'refuse', error }, 10_000);
    const [first = ''] = await stand.database.accept(stand.world.want(contracts[0] ?? '', XLM));
    await eventually(() => stand.signer.requests.length > 2);
    const others = await stand.database.accept(...contracts.slice(1).map((each) => stand.world.want(each, XLM)));
    const waiting = await stand.database.showing(others, 'SIGNER_UNAVAILABLE');
    expect(waiting.map(({ status }) => status)).toEqual(['created', 'created', 'created']);
    isAway = false;
    await stand.database.reached([first, ...others], 'completed');
    expect(contracts.map((each) => heldBy(stand.world, token, each))).toEqual([XLM, XLM, XLM, XLM]);
  });
});

describe('a refusal by the signer', () => {
  test('of the authorization ends the payout and frees the channel', async () => {
    deployToken(stand.world);
    stand.signer.interfere({
      kind: 'refuse',
      error: () => denied({ code: 'DESTINATION_NOT_ALLOWED', message: 'payouts[0].destination: C… is not listed' }),
    });
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout).toMatchObject({
      reason_code: 'POLICY_DENIED',
      reason_detail: 'DESTINATION_NOT_ALLOWED: payouts[0].destination: C… is not listed',
    });
    expect(await wayOf(stand.database, ids[0] ?? '')).toEqual(['created', 'signing', 'failed']);
    await stand.database.reached(await stand.database.accept(stand.world.want(newContract(), XLM)), 'completed');
  });

  test('ends nothing once another engine has asked for the same: it may have been signed', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.signer.interfere({ kind: 'refuse', error: () => denied({ code: 'OTHER', message: 'no' }) });
    stand.once('soroban.authorization.answered', async () => {
      await stand.database.pool.query('update stellar_authorizations set asks = asks + 1');
    });
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [payout] = await stand.database.reached(ids, 'completed', 'failed');
    expect(payout?.status).toBe('completed');
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });

  test('of an authorization that would live too long by its clock has the payout wait', async () => {
    deployToken(stand.world);
    const reason = {
      code: 'AUTHORIZATION_LIFETIME_ABOVE_LIMIT',
      message: 'expirationLedger: expected at most 5, got 9',
    };
    stand.signer.interfere({ kind: 'refuse', error: () => denied(reason) }, 3);
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    await stand.database.reached(ids, 'completed');
  });

  test('of an authorization bound otherwise sets the payout aside', async () => {
    deployToken(stand.world);
    stand.signer.interfere({
      kind: 'refuse',
      error: () => new CountersignError('PAYOUT_BOUND', 'bound to another lane'),
    });
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    await stand.database.reached(ids, 'indeterminate');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'PAYOUT_BOUND' })).toBe(1);
    await stand.database.reached(await stand.database.accept(stand.world.want(newContract(), XLM)), 'completed');
  });

  test('after a request whose fate is unknown ends nothing before the authorization has expired', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.signer.interfere({ kind: 'lose-answer' });
    stand.signer.interfere({ kind: 'refuse', error: () => denied({ code: 'OTHER', message: 'no' }) }, 10_000);
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [waiting] = await stand.database.showing(ids, 'POLICY_DENIED');
    expect(waiting?.status).toBe('signing');
    const [payout] = await stand.database.reached(ids, 'failed', 'indeterminate');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'AUTHORIZATION_EXPIRED' });
    expect(payout?.reason_detail).toContain('POLICY_DENIED: OTHER: no');
    expect(heldBy(stand.world, token, contract)).toBe(0n);
  });

  test('of every envelope ends the payout when its authorization has expired, and asks a few times only', async () => {
    deployToken(stand.world);
    const error = ({ transaction }: { transaction: { case?: string | undefined } }) =>
      transaction.case === 'stellar' ? denied({ code: 'FOOTPRINT_NOT_ALLOWED', message: 'no' }) : undefined;
    stand.signer.interfere({ kind: 'refuse', error }, 10_000);
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    const [payout] = await stand.database.reached(ids, 'failed', 'indeterminate');
    expect(payout?.reason_code).toBe('AUTHORIZATION_EXPIRED');
    expect(payout?.reason_detail).toContain('POLICY_DENIED: FOOTPRINT_NOT_ALLOWED: no');
    expect((await attemptsOf(stand.database, ids)).map(({ state }) => state)).toEqual(Array(4).fill('refused'));
  });

  test('of the fee of an envelope has the next one bid the least', async () => {
    deployToken(stand.world);
    let refusals = 1;
    const error = ({ transaction }: { transaction: { case?: string | undefined } }) =>
      transaction.case === 'stellar' && refusals-- > 0 ? denied({ code: 'FEE_ABOVE_LIMIT', message: 'no' }) : undefined;
    stand.signer.interfere({ kind: 'refuse', error }, 10);
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    await stand.database.reached(ids, 'completed');
    expect((await attemptsOf(stand.database, ids)).map(({ state }) => state)).toEqual(['refused', 'succeeded']);
  });
});

describe('an envelope that the signer calls bound otherwise', () => {
  test('sets its payout aside, which ends when its authorization has expired', async () => {
    deployToken(stand.world);
    const error = ({ transaction }: { transaction: { case?: string | undefined } }) =>
      transaction.case === 'stellar' ? new CountersignError('PAYOUT_BOUND', 'bound to another lane') : undefined;
    stand.signer.interfere({ kind: 'refuse', error }, 2);
    const ids = await stand.database.accept(stand.world.want(newContract(), XLM));
    await stand.database.reached(ids, 'indeterminate');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'PAYOUT_BOUND' })).toBe(1);
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('AUTHORIZATION_EXPIRED');
  });
});

describe('an answer of the signer that is not what was asked for', () => {
  test.each([
    ['an authorization', 0],
    ['an envelope', 1],
  ])('of %s quarantines the channel; the payout ends as the ledger has it', async (_of, before) => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.signer.interfere({ kind: 'refuse', error: () => undefined }, before);
    stand.signer.interfere({
      kind: 'answer',
      change: (response) => ({ ...response, transactionHash: Keypair.random().rawPublicKey() }),
    });
    const ids = await stand.database.accept(stand.world.want(contract, XLM));
    const [aside] = await stand.database.reached(ids, 'indeterminate');
    expect(aside?.reason_code).toBe('SIGNED_OTHERWISE');
    expect(await stand.metric('countersign_engine_alarms_total', { reason: 'SIGNED_OTHERWISE' })).toBe(1);
    stand.world.close(300);
    const [payout] = await stand.database.reached(ids, 'failed');
    expect(payout?.reason_code).toBe('AUTHORIZATION_EXPIRED');
    expect(payout?.reason_detail).toContain('SIGNED_OTHERWISE');
    expect(heldBy(stand.world, token, contract)).toBe(0n);
  });
});
