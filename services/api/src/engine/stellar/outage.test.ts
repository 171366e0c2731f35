import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { attemptsOf } from '../../../testing/engine/records.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('an outage', () => {
  const faults = [
    ['connections break', { kind: 'reset' }],
    ['the node answers 500', { kind: 'status', status: 500 }],
    ['the node answers 429', { kind: 'status', status: 429 }],
    ['a JSON-RPC error comes under 200', { kind: 'error', code: -32603, message: 'internal error' }],
    ['nothing answers', { kind: 'hang' }],
  ] as const;

  test.each(faults)('before the plan: %s, the payout waits and says why, then goes on', async (_name, fault) => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.world.rpc.faults.add({ fault });
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    const [waiting] = await stand.database.showing(ids, 'CHAIN_UNAVAILABLE');
    expect(waiting?.status).toBe('created');
    stand.world.rpc.faults.clear();
    const [payout] = await stand.database.reached(ids, 'completed');
    expect(payout?.reason_code).toBeNull();
    expect(stand.world.balance(account)).toBe(11n * XLM);
    expect(await stand.metric('countersign_engine_errors_total', { stage: 'build' })).toBeGreaterThan(0);
  });

  test.each(faults)('at the submission: %s, and it is paid once', async (_name, fault) => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.once('stellar.signed.stored', () => stand.world.rpc.faults.add({ fault }));
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.showing(ids, 'CHAIN_UNAVAILABLE');
    stand.world.rpc.faults.clear();
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(11n * XLM);
  });

  test('in the answer alone: the node took it, nobody was told, it is paid once', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.world.rpc.faults.add({ fault: { kind: 'cut' }, method: 'sendTransaction', times: 3 });
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(11n * XLM);
    expect(await attemptsOf(stand.database, ids)).toHaveLength(1);
  });

  test.each([
    ['UNAVAILABLE', 'SIGNER_UNAVAILABLE'],
    ['CUSTODY_UNAVAILABLE', 'CUSTODY_UNAVAILABLE'],
    ['CUSTODY_REFUSED', 'CUSTODY_REFUSED'],
    ['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'],
  ] as const)(
    'of the signer (%s): the payout waits and says why, then goes on with the same request',
    async (code, reason) => {
      const [account = ''] = await stand.world.newAccounts(1);
      let down = true;
      stand.signer.interfere(
        { kind: 'refuse', error: () => (down ? new CountersignError(code, 'not now') : undefined) },
        1_000,
      );
      const ids = await stand.database.accept(stand.world.want(account, XLM));
      const [waiting] = await stand.database.showing(ids, reason);
      expect(waiting?.status).toBe('signing');
      down = false;
      await stand.database.reached(ids, 'completed');
      expect(new Set(stand.signer.requests.map(({ requestId }) => requestId)).size).toBe(1);
      expect(stand.world.balance(account)).toBe(11n * XLM);
    },
  );

  test("of the wire: the signer's answer is lost, and the same request brings it again", async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.signer.interfere({ kind: 'lose-answer' }, 2);
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await stand.database.reached(ids, 'completed');
    expect(stand.signer.requests.map(({ requestId }) => requestId)).toEqual(
      Array(3).fill(stand.signer.requests[0]?.requestId),
    );
    expect(await attemptsOf(stand.database, ids)).toHaveLength(1);
  });

  test('of the database: the engine waits and goes on', async () => {
    const [account = ''] = await stand.world.newAccounts(1);
    stand.once('stellar.signed.stored', () => stand.database.postgres.crash());
    const ids = await stand.database.accept(stand.world.want(account, XLM));
    await eventually(async () => stand.engine.log.some(({ msg }) => msg === 'the engine cannot reach its database'));
    await stand.database.postgres.restart();
    await stand.database.reached(ids, 'completed');
    expect(stand.world.balance(account)).toBe(11n * XLM);
  });
});
