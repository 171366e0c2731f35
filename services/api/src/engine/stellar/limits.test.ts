import { CountersignError, type ErrorCode } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { limitBelow } from '../../../testing/engine/approve.ts';
import { issueAsset } from '../../../testing/engine/issued-asset.ts';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

const wants = async (...amounts: bigint[]) => {
  const accounts = await stand.world.newAccounts(amounts.length);
  return accounts.map((account, i) => stand.world.want(account, amounts[i] ?? 0n));
};

describe('a limit over time', () => {
  test('has what it leaves no room for wait; smaller payouts, and those of other assets, do not', async () => {
    const usdc = await issueAsset(stand.world, { toTreasury: '1000' });
    const holder = (await usdc.newHolder()).publicKey();
    let room = 5n * XLM;
    const limit = limitBelow(() => room);
    stand.signer.interfere(
      {
        kind: 'refuse',
        error: (request) => (request.payouts[0]?.asset.includes('asset:') ? undefined : limit(request)),
      },
      10_000,
    );
    const ids = await stand.database.accept(...(await wants(7n * XLM, 4n * XLM, 6n * XLM)));
    const [big = '', small = '', middle = ''] = ids;
    const other = await stand.database.accept(usdc.want(holder, 50n * XLM));
    await stand.database.reached([small, ...other], 'completed');
    const waiting = await stand.database.showing([big, middle], 'LIMIT_REACHED');
    expect(waiting.map(({ status }) => status)).toEqual(['created', 'created']);
    room = 100n * XLM;
    await stand.database.reached(ids, 'completed');
  });

  test('takes nothing of a batch that is too large together but for what fits', async () => {
    let room = 2n * XLM;
    stand.signer.interfere({ kind: 'refuse', error: limitBelow(() => room) }, 10_000);
    stand.once('stellar.signed.stored', () => {
      room = 0n;
    });
    const ids = await stand.database.accept(...(await wants(...Array.from({ length: 8 }, () => 2n * XLM))));
    await eventually(async () => {
      const all = await stand.database.payouts(ids);
      const waiting = all.filter(({ status, reason_code }) => status === 'created' && reason_code === 'LIMIT_REACHED');
      return all.filter(({ status }) => status === 'completed').length === 1 && waiting.length === 7;
    });
    const sizes = (await attemptsOf(stand.database, ids)).map(({ payouts }) => payouts.length);
    expect(sizes.slice(1).every((size) => size === 1)).toBe(true);
    expect((await stand.database.pool.query(`select from stellar_channels where state <> 'free'`)).rows).toEqual([]);
    room = 100n * XLM;
    await stand.database.reached(ids, 'completed');
  });
});

describe('a signer that signs nothing for now', () => {
  test.each<ErrorCode>(['KEY_FROZEN', 'POLICY_SUPERSEDED', 'AUDIT_BEHIND', 'THROTTLED'])(
    '%s has payouts wait, and counts for nothing: a denial after it need not wait for an expiry',
    async (code) => {
      const reasons = [{ code: 'DESTINATION_NOT_ALLOWED', message: 'payouts[1].destination: is not listed' }];
      const answers = [
        ...Array(3).fill(new CountersignError(code, 'not now')),
        new CountersignError('POLICY_DENIED', 'no', { reasons }),
      ];
      stand.signer.interfere({ kind: 'refuse', error: () => answers.shift() }, 4);
      const ids = await stand.database.accept(...(await wants(XLM, XLM)));
      const payouts = await stand.database.reached(ids, 'completed', 'failed');
      expect(payouts.map(({ status }) => status)).toEqual(['completed', 'failed']);
      expect((await attemptsOf(stand.database, ids)).map(({ state }) => state)).toEqual(['refused', 'succeeded']);
      expect(stand.signer.requests).toHaveLength(5);
    },
  );

  test('waits through the expiry of a transaction', async () => {
    let isShut = true;
    stand.signer.interfere(
      { kind: 'refuse', error: () => (isShut ? new CountersignError('KEY_FROZEN', 'frozen') : undefined) },
      10_000,
    );
    const ids = await stand.database.accept(...(await wants(XLM)));
    await stand.database.showing(ids, 'KEY_FROZEN');
    stand.world.close(300);
    await eventually(async () => (await attemptsOf(stand.database, ids)).length === 2);
    isShut = false;
    await stand.database.reached(ids, 'completed');
  });
});
