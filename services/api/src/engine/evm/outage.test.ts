import { CountersignError } from '@countersign/contract/errors';
import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { evmAttemptsOf } from '../../../testing/engine/records.ts';

const stand = useEvmStand();

describe('an outage', () => {
  const faults = [
    ['connections break', { kind: 'reset' }],
    ['the node answers 500', { kind: 'status', status: 500 }],
    ['a JSON-RPC error comes under 200', { kind: 'error', code: -32603, message: 'internal error' }],
    ['nothing answers', { kind: 'hang' }],
  ] as const;

  test.each(faults)('before the plan: %s, the payout waits and says why, then goes on', async (_name, fault) => {
    stand.proxy.fail(fault);
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    const [waiting] = await stand.database.showing(ids, 'CHAIN_UNAVAILABLE');
    expect(waiting?.status).toBe('created');
    stand.proxy.clear();
    const [payout] = await stand.database.reached(ids, 'completed');
    expect(payout?.reason_code).toBeNull();
  });

  test.each(faults)('at the submission: %s, and it is paid once', async (_name, fault) => {
    const to = newEvmAddress();
    stand.mine();
    stand.start();
    stand.once('evm.signed.stored', () => stand.proxy.fail(fault));
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await stand.database.showing(ids, 'CHAIN_UNAVAILABLE');
    stand.proxy.clear();
    await stand.database.reached(ids, 'completed');
    expect(await stand.world.balance(to)).toBe(7n);
  });

  test('in the answer alone: the node took it, nobody was told, it is paid once', async () => {
    const to = newEvmAddress();
    stand.mine();
    stand.start();
    stand.proxy.fail({ kind: 'cut' }, 'eth_sendRawTransaction');
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await stand.database.reached(ids, 'completed');
    expect(await stand.world.balance(to)).toBe(7n);
    expect(await evmAttemptsOf(stand.database, ids)).toHaveLength(1);
  });

  test.each(['UNAVAILABLE', 'CUSTODY_UNAVAILABLE'] as const)(
    'of the signer (%s): the payout waits and goes on',
    async (code) => {
      stand.mine();
      stand.start();
      let down = true;
      stand.signer.interfere(
        { kind: 'refuse', error: () => (down ? new CountersignError(code, 'not now') : undefined) },
        1_000,
      );
      const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
      await stand.database.showing(ids, code === 'UNAVAILABLE' ? 'SIGNER_UNAVAILABLE' : code);
      expect((await stand.database.payouts(ids))[0]?.status).toBe('signing');
      down = false;
      await stand.database.reached(ids, 'completed');
      expect(new Set(stand.signer.requests.map(({ requestId }) => requestId)).size).toBe(1);
    },
  );
});
