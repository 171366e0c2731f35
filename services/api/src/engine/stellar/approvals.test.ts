import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { approvalsAbove, approve } from '../../../testing/engine/approve.ts';
import { attemptsOf, auditOf, wayOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

const demandApprovals = (above: bigint, needed?: number) =>
  stand.signer.interfere({ kind: 'refuse', error: approvalsAbove(above, needed) }, 10_000);

const wants = async (...amounts: bigint[]) => {
  const accounts = await stand.world.newAccounts(amounts.length);
  return accounts.map((account, i) => stand.world.want(account, amounts[i] ?? 0n));
};

describe('a payout that policy wants an approval of', () => {
  test('waits for it without holding anything, and is paid with it; the others of its batch go on without it', async () => {
    demandApprovals(5n * XLM);
    const ids = await stand.database.accept(...(await wants(XLM, 5n * XLM, 2n * XLM)));
    const [first = '', big = '', last = ''] = ids;
    await stand.database.reached([first, last], 'completed');
    const [waiting] = await stand.database.reached([big], 'needs_approval');
    expect(waiting).toMatchObject({ reason_code: 'APPROVAL_REQUIRED', hash: null, path: null });
    expect(waiting?.reason_detail).toContain('payouts[1]');
    const attempts = await attemptsOf(stand.database, ids);
    expect(attempts.map(({ state, payouts }) => [state, payouts.length])).toEqual([
      ['refused', 3],
      ['succeeded', 2],
    ]);
    expect(new Set(attempts.map(({ sequence }) => sequence)).size).toBe(1);

    const asked = stand.signer.requests.length;
    await approve(stand.database, big);
    await stand.database.reached([big], 'completed');
    expect(stand.signer.requests).toHaveLength(asked + 1);
    expect(await wayOf(stand.database, big)).toEqual([
      'created',
      'signing',
      'needs_approval',
      'approved',
      'signing',
      'submitted',
      'confirming',
      'completed',
    ]);
    expect((await auditOf(stand.database, big)).map(({ name }) => name)).toContain('PayoutNeedsApproval');
  });

  test('frees its channel, is not asked for again by itself, and blocks nobody', async () => {
    demandApprovals(5n * XLM);
    const big = await stand.database.accept(...(await wants(6n * XLM, 7n * XLM)));
    await stand.database.reached(big, 'needs_approval');
    const { rows } = await stand.database.pool.query(`select from stellar_channels where state <> 'free'`);
    expect(rows).toEqual([]);
    expect((await stand.database.pool.query('select from stellar_lane_payouts')).rows).toEqual([]);
    await stand.database.reached(await stand.database.accept(...(await wants(XLM))), 'completed');
    expect(
      stand.signer.requests.filter(({ payouts }) => payouts.some(({ payoutId }) => big.includes(payoutId))),
    ).toHaveLength(1);
  });

  test('goes back where one approval is not enough, and is shown with all of them once there are', async () => {
    demandApprovals(XLM, 2);
    const [id = ''] = await stand.database.accept(...(await wants(XLM)));
    await stand.database.reached([id], 'needs_approval');
    await approve(stand.database, id, { by: 'SHA256:one' });
    await eventually(
      async () => (await wayOf(stand.database, id)).filter((to) => to === 'needs_approval').length === 2,
    );
    await approve(stand.database, id, { by: 'SHA256:two' });
    await stand.database.reached([id], 'completed');
    const shown = stand.signer.requests.map(({ payouts }) => payouts[0]?.approvals.length);
    expect(shown).toEqual([0, 1, 2]);
  });

  test('is not shown with approvals that have expired, and says so', async () => {
    demandApprovals(XLM);
    const [id = ''] = await stand.database.accept(...(await wants(XLM)));
    await stand.database.reached([id], 'needs_approval');
    await approve(stand.database, id, { expiresAt: 1n });
    await eventually(async () => {
      const [payout] = await stand.database.payouts([id]);
      return payout?.status === 'needs_approval' && payout.reason_detail?.startsWith('1 expired; ') === true;
    });
    await approve(stand.database, id);
    await stand.database.reached([id], 'completed');
    expect(stand.signer.requests.map(({ payouts }) => payouts[0]?.approvals.length)).toEqual([0, 0, 1]);
  });

  test('whose approval comes while the signer is asked without it does not wait for another one', async () => {
    demandApprovals(XLM);
    const wanted = await wants(XLM);
    const ids = stand.database.accept(...wanted);
    stand.once('stellar.sign.answered', async () => approve(stand.database, (await ids)[0] ?? ''));
    const [id = ''] = await ids;
    await stand.database.reached([id], 'completed');
    expect(await wayOf(stand.database, id)).toEqual([
      'created',
      'signing',
      'needs_approval',
      'approved',
      'signing',
      'submitted',
      'confirming',
      'completed',
    ]);
  });

  test('is not failed with another payout of its batch that is denied', async () => {
    const unapproved = approvalsAbove(5n * XLM);
    stand.signer.interfere({
      kind: 'refuse',
      error: () =>
        new CountersignError('POLICY_DENIED', 'no', {
          reasons: [
            { code: 'APPROVAL_REQUIRED', message: 'payouts[0]: expected 1 approval, got 0' },
            { code: 'DESTINATION_NOT_ALLOWED', message: 'payouts[1].destination: is not listed' },
          ],
        }),
    });
    stand.signer.interfere({ kind: 'refuse', error: unapproved }, 1_000);
    const ids = await stand.database.accept(...(await wants(5n * XLM, 5n * XLM)));
    const payouts = await stand.database.reached(ids, 'needs_approval', 'failed');
    expect(payouts.map(({ status }) => status)).toEqual(['needs_approval', 'failed']);
    expect(payouts[1]?.reason_detail).toBe('DESTINATION_NOT_ALLOWED: payouts[1].destination: is not listed');
  });

  test('after a request whose fate is unknown waits for the approval once that has expired', async () => {
    stand.signer.interfere({ kind: 'refuse', error: () => new CountersignError('UNAVAILABLE', 'no connection') });
    demandApprovals(XLM);
    const [id = ''] = await stand.database.accept(...(await wants(XLM)));
    const [payout] = await stand.database.showing([id], 'APPROVAL_REQUIRED');
    expect(payout?.status).toBe('signing');
    stand.world.close(300);
    await stand.database.reached([id], 'needs_approval');
    await approve(stand.database, id);
    await stand.database.reached([id], 'completed');
  });

  test('and whose approval expires after it was signed for ends unpaid: only its lane could pay it', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    demandApprovals(XLM);
    const [id = ''] = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.reached([id], 'needs_approval');
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    await approve(stand.database, id);
    await stand.database.reached([id], 'submitted', 'confirming');
    await stand.database.pool.query('update payout_approvals set expires_at = 1');
    await stand.letExpire([id], 2);
    const [payout] = await stand.database.reached([id], 'failed', 'completed');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'APPROVAL_REQUIRED' });
    expect(stand.world.balance(account)).toBe(10n * XLM);
    stand.world.rpc.faults.clear();
    await stand.database.reached(await stand.database.accept(stand.world.want(account, XLM - 1n)), 'completed');
  });

  test('is signed for again with its approvals when it was not included', async () => {
    demandApprovals(XLM);
    const [id = ''] = await stand.database.accept(...(await wants(XLM)));
    await stand.database.reached([id], 'needs_approval');
    stand.world.rpc.faults.add({ fault: { kind: 'lose' } });
    await approve(stand.database, id);
    await stand.letExpire([id], 2);
    stand.world.rpc.faults.clear();
    await stand.database.reached([id], 'completed');
    expect(stand.signer.requests.map(({ payouts }) => payouts[0]?.approvals.length)).toEqual([0, 1, 1]);
  });
});
