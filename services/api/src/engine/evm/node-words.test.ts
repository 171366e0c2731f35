import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { evmAttemptsOf } from '../../../testing/engine/records.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const STOPS = '0x00';
const stand = useEvmStand();

describe('the answer to a submission', () => {
  const refuse = (message: string) =>
    stand.proxy.fail({ kind: 'error', code: -32000, message }, 'eth_sendRawTransaction');

  test.each([
    ['nonce too high', 'NONCE_TOO_HIGH'],
    ['insufficient funds for gas * price + value', 'TREASURY_UNDERFUNDED'],
    ['the pool is on holiday', 'CHAIN_UNAVAILABLE'],
  ])('%s: the same bytes are sent again until a node has them', async (message, reason) => {
    const to = newEvmAddress();
    stand.mine();
    stand.start();
    refuse(message);
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await stand.database.showing(ids, reason);
    stand.proxy.clear();
    const [payout] = await stand.database.reached(ids, 'completed');
    expect(payout?.reason_code).toBeNull();
    expect(await evmAttemptsOf(stand.database, ids)).toHaveLength(1);
  });

  test('underpriced: higher fees on the same nonce', async () => {
    const to = newEvmAddress();
    stand.mine();
    stand.start();
    refuse('transaction underpriced');
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await eventually(async () => (await evmAttemptsOf(stand.database, ids)).length >= 2);
    stand.proxy.clear();
    await stand.database.reached(ids, 'completed');
    expect(await stand.world.balance(to)).toBe(7n);
  });

  test('too little gas: another limit on the same nonce', async () => {
    const to = newEvmAddress();
    stand.mine();
    stand.start();
    refuse('intrinsic gas too low');
    const ids = await stand.database.accept(stand.world.want(to, 7n));
    await eventually(async () => (await evmAttemptsOf(stand.database, ids)).length >= 2);
    stand.proxy.clear();
    await stand.database.reached(ids, 'completed');
    const { rows } = await stand.database.pool.query('select gas_limit from evm_attempts order by created_at limit 2');
    expect(rows[1].gas_limit).toBeGreaterThan(rows[0].gas_limit);
  });

  test('invalid: the key pauses until a person has looked', async () => {
    stand.mine();
    stand.start();
    refuse('invalid sender');
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.showing(ids, 'TRANSACTION_INVALID');
    const [next = ''] = await stand.database.accept(stand.world.want(newEvmAddress(), 7n));
    await stand.database.showing([next], 'KEY_PAUSED');
  });
});

describe('what cannot be built or estimated', () => {
  test('keeps nobody else from being paid', async () => {
    const odd = newEvmAddress();
    await stand.world.test.setCode({ address: odd, bytecode: STOPS });
    stand.mine();
    stand.start();
    stand.proxy.fail({ kind: 'error', code: -32005, message: 'limit exceeded' }, 'eth_estimateGas');
    const ids = await stand.database.accept(
      stand.world.want('0x00', 1n),
      stand.world.want(odd, 1n),
      stand.world.want(newEvmAddress(), 1n),
    );
    const [bad = '', unknown = '', good = ''] = ids;
    await stand.database.reached([good], 'completed');
    expect((await stand.database.reached([bad], 'failed'))[0]?.reason_code).toBe('INVALID_ADDRESS');
    await stand.database.showing([unknown], 'GAS_UNKNOWN');
    stand.proxy.clear();
    await stand.database.reached([unknown], 'completed');
  });
});
