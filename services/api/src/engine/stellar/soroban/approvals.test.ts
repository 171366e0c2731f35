import { CountersignError, type ErrorCode } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { approvalsAbove, approve, limitBelow } from '../../../../testing/engine/approve.ts';
import { deployToken, heldBy, newContract, sorobanWorld } from '../../../../testing/engine/contracts.ts';
import { attemptsOf, wayOf } from '../../../../testing/engine/records.ts';
import { useStellarStand } from '../../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand(sorobanWorld());

const authorizations = async () =>
  (await stand.database.pool.query<{ payout_id: string }>('select payout_id from stellar_authorizations')).rows.map(
    ({ payout_id }) => payout_id,
  );

describe('a payout by contract call that policy wants an approval of', () => {
  test('waits without an authorization and a channel, and is paid with the approval', async () => {
    const token = deployToken(stand.world);
    const contracts = [newContract(), newContract()];
    stand.signer.interfere({ kind: 'refuse', error: approvalsAbove(5n * XLM) }, 1_000);
    const [big = '', small = ''] = await stand.database.accept(
      ...contracts.map((contract, i) => stand.world.want(contract, i === 0 ? 5n * XLM : XLM)),
    );
    await stand.database.reached([small], 'completed');
    await stand.database.reached([big], 'needs_approval');
    expect(await authorizations()).toEqual([small]);
    expect((await stand.database.pool.query(`select from stellar_channels where state <> 'free'`)).rows).toEqual([]);
    await approve(stand.database, big);
    await stand.database.reached([big], 'completed');
    expect(contracts.map((contract) => heldBy(stand.world, token, contract))).toEqual([5n * XLM, XLM]);
    const shown = stand.signer.requests.filter(({ payouts }) => payouts[0]?.payoutId === big);
    // The authorization without, with, and the envelope around it.
    expect(shown.map(({ payouts }) => payouts[0]?.approvals.length)).toEqual([0, 1, 1]);
  });

  test('whose approval expires after the authorization waits for another one with the same envelope', async () => {
    const token = deployToken(stand.world);
    const contract = newContract();
    stand.signer.interfere({ kind: 'refuse', error: approvalsAbove(XLM) }, 1_000);
    const [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
    await stand.database.reached([id], 'needs_approval');
    stand.once('soroban.authorization.signed.stored', async () => {
      await stand.database.pool.query('update payout_approvals set expires_at = 1');
    });
    await approve(stand.database, id);
    const [payout] = await stand.database.showing([id], 'APPROVAL_REQUIRED');
    expect(payout?.status).toBe('signing');
    await eventually(() => stand.signer.requests.length > 5);
    await approve(stand.database, id);
    await stand.database.reached([id], 'completed');
    expect(await attemptsOf(stand.database, [id])).toHaveLength(1);
    expect(heldBy(stand.world, token, contract)).toBe(XLM);
  });
});

describe('what the signer has no room for now', () => {
  test('waits without an authorization, so that none expires; smaller ones go on', async () => {
    const token = deployToken(stand.world);
    const contracts = [newContract(), newContract()];
    let room = 2n * XLM;
    stand.signer.interfere({ kind: 'refuse', error: limitBelow(() => room) }, 1_000);
    const [big = '', small = ''] = await stand.database.accept(
      ...contracts.map((contract, i) => stand.world.want(contract, i === 0 ? 5n * XLM : XLM)),
    );
    await stand.database.reached([small], 'completed');
    const [waiting] = await stand.database.showing([big], 'LIMIT_REACHED');
    expect(waiting?.status).toBe('created');
    room = 100n * XLM;
    await stand.database.reached([big], 'completed');
    expect(contracts.map((contract) => heldBy(stand.world, token, contract))).toEqual([5n * XLM, XLM]);
  });

  test.each<ErrorCode>(['KEY_FROZEN', 'THROTTLED'])(
    '%s: has none grow old, but makes a new one for each try',
    async (code) => {
      const token = deployToken(stand.world);
      const contract = newContract();
      let isShut = true;
      stand.signer.interfere(
        { kind: 'refuse', error: () => (isShut ? new CountersignError(code, 'not now') : undefined) },
        1_000,
      );
      const [id = ''] = await stand.database.accept(stand.world.want(contract, XLM));
      await stand.database.showing([id], code);
      await eventually(async () => (await wayOf(stand.database, id)).filter((to) => to === 'signing').length > 2);
      isShut = false;
      await stand.database.reached([id], 'completed');
      expect(heldBy(stand.world, token, contract)).toBe(XLM);
    },
  );
});
