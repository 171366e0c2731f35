import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { approvalsAbove, approve, limitBelow } from '../../../testing/engine/approve.ts';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { startEvmToken, useEvmTokens } from '../../../testing/engine/evm-tokens.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { evmAttemptsOf } from '../../../testing/engine/records.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const stand = useEvmStand();
useEvmTokens();

const wants = (...amounts: bigint[]) => amounts.map((amount) => stand.world.want(newEvmAddress(), amount));

describe('a payout that policy wants an approval of', () => {
  test('waits without a nonce, which goes to the next one, and is paid with the approval', async () => {
    stand.mine();
    stand.start();
    stand.signer.interfere({ kind: 'refuse', error: approvalsAbove(100n) }, 1_000);
    const ids = await stand.database.accept(...wants(100n, 7n));
    const [big = '', small = ''] = ids;
    await stand.database.reached([small], 'completed');
    const [waiting] = await stand.database.reached([big], 'needs_approval');
    expect(waiting).toMatchObject({ reason_code: 'APPROVAL_REQUIRED', hash: null });
    expect(stand.signer.requests).toHaveLength(2);
    await approve(stand.database, big);
    await stand.database.reached([big], 'completed');
    const attempts = await evmAttemptsOf(stand.database, ids);
    expect(attempts.map(({ state, nonce }) => [state, nonce])).toEqual([
      ['refused', 0n],
      ['signed', 0n],
      ['signed', 1n],
    ]);
    expect(stand.signer.requests.at(-1)?.payouts[0]?.approvals).toHaveLength(1);
  });

  test('is replaced with its approvals; without them the older transaction stands, and an approval revives it', async () => {
    stand.start({ replaceAfterSeconds: 1 });
    stand.signer.interfere({ kind: 'refuse', error: approvalsAbove(100n) }, 1_000);
    const [id = ''] = await stand.database.accept(...wants(100n));
    await stand.database.reached([id], 'needs_approval');
    await approve(stand.database, id);
    const signed = async () => (await evmAttemptsOf(stand.database, [id])).filter(({ state }) => state === 'signed');
    await eventually(async () => (await signed()).length === 2);
    expect(stand.signer.requests.map(({ payouts }) => payouts[0]?.approvals.length)).toEqual([0, 1, 1]);
    await stand.database.pool.query('update payout_approvals set expires_at = 1');
    const [payout] = await stand.database.showing([id], 'APPROVAL_REQUIRED');
    expect(payout?.status).toBe('submitted');
    stand.mine();
    await stand.database.reached([id], 'completed');
  });

  test('after a request whose fate is unknown has its nonce canceled, as with any refusal', async () => {
    stand.mine();
    stand.start();
    stand.signer.interfere({ kind: 'refuse', error: () => new CountersignError('UNAVAILABLE', 'no connection') });
    stand.signer.interfere({ kind: 'refuse', error: approvalsAbove(100n) }, 1_000);
    const ids = await stand.database.accept(...wants(100n));
    const [payout] = await stand.database.reached(ids, 'failed', 'needs_approval');
    expect(payout).toMatchObject({ status: 'failed', reason_code: 'NONCE_CANCELED' });
  });
});

describe('a limit over time', () => {
  test('has a payout wait without a nonce; smaller ones and other assets go on', async () => {
    const token = await startEvmToken(stand.world, 'PlainToken', 1_000n);
    stand.mine();
    stand.start();
    let room = 50n;
    const limit = limitBelow(() => room);
    stand.signer.interfere(
      {
        kind: 'refuse',
        error: (request) => (request.payouts[0]?.asset.includes('erc20') ? undefined : limit(request)),
      },
      1_000,
    );
    const ids = await stand.database.accept(...wants(60n, 70n, 7n), token.want(newEvmAddress(), 900n));
    await stand.database.reached(ids.slice(2), 'completed');
    const waiting = await stand.database.showing(ids.slice(0, 2), 'LIMIT_REACHED');
    expect(waiting.map(({ status }) => status)).toEqual(['created', 'created']);
    room = 100n;
    await stand.database.reached(ids, 'completed');
  });

  test('of a replacement leaves the older transaction in force', async () => {
    stand.start({ replaceAfterSeconds: 1 });
    const ids = await stand.database.accept(...wants(7n));
    await stand.database.reached(ids, 'submitted');
    stand.signer.interfere({ kind: 'refuse', error: limitBelow(() => 0n) }, 1_000);
    await eventually(async () => (await evmAttemptsOf(stand.database, ids))[1]?.state === 'refused');
    stand.mine();
    const [payout] = await stand.database.reached(ids, 'completed');
    expect(payout?.hash).toBe((await evmAttemptsOf(stand.database, ids))[0]?.hash);
  });

  test('keeps a payout at its nonce that may have been signed', async () => {
    stand.mine();
    stand.start();
    let room = 0n;
    stand.signer.interfere({ kind: 'refuse', error: () => new CountersignError('UNAVAILABLE', 'no connection') });
    stand.signer.interfere({ kind: 'refuse', error: limitBelow(() => room) }, 1_000);
    const ids = await stand.database.accept(...wants(7n));
    const [payout] = await stand.database.showing(ids, 'LIMIT_REACHED');
    expect(payout?.status).toBe('signing');
    await eventually(() => stand.signer.requests.length > 4);
    room = 100n;
    await stand.database.reached(ids, 'completed');
    expect(await evmAttemptsOf(stand.database, ids)).toHaveLength(1);
  });
});

test('a frozen key has a payout wait at its nonce', async () => {
  stand.mine();
  stand.start();
  let isFrozen = true;
  stand.signer.interfere(
    { kind: 'refuse', error: () => (isFrozen ? new CountersignError('KEY_FROZEN', 'frozen') : undefined) },
    1_000,
  );
  const ids = await stand.database.accept(...wants(7n));
  await stand.database.showing(ids, 'KEY_FROZEN');
  await eventually(() => stand.signer.requests.length > 3);
  isFrozen = false;
  await stand.database.reached(ids, 'completed');
  expect(await evmAttemptsOf(stand.database, ids)).toHaveLength(1);
});
