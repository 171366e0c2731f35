import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { evmAttemptsOf } from '../../../testing/engine/records.ts';
import { eventually } from '../../../testing/engine/wait-for.ts';

const ETHER = 10n ** 18n;
const GWEI = 10n ** 9n;
const stand = useEvmStand();

describe('money and fees', () => {
  test('a payout beyond the balance waits; a smaller one passes it', async () => {
    stand.mine();
    stand.start();
    const ids = await stand.database.accept(
      stand.world.want(newEvmAddress(), 150n * ETHER),
      stand.world.want(newEvmAddress(), ETHER),
    );
    const [large = '', small = ''] = ids;
    await stand.database.reached([small], 'completed');
    await stand.database.showing([large], 'TREASURY_UNDERFUNDED');
    await stand.world.test.setBalance({ address: stand.world.address, value: 200n * ETHER });
    const [payout] = await stand.database.reached([large], 'completed');
    expect(payout?.reason_code).toBeNull();
  });

  test('any number of payouts beyond the balance hide none that can be paid', async () => {
    stand.mine();
    stand.start();
    const large = Array.from({ length: 25 }, () => stand.world.want(newEvmAddress(), 150n * ETHER));
    const ids = await stand.database.accept(...large, stand.world.want(newEvmAddress(), ETHER));
    await stand.database.reached(ids.slice(25), 'completed');
    await stand.database.showing(ids.slice(0, 25), 'TREASURY_UNDERFUNDED');
  });

  test('any number of payouts whose gas the node does not tell hide none that can be paid, and are tried again', async () => {
    const contracts = Array.from({ length: 25 }, newEvmAddress);
    for (const address of contracts) await stand.world.test.setCode({ address, bytecode: '0x00' });
    stand.mine();
    stand.start();
    stand.proxy.fail({ kind: 'error', code: -32000, message: 'header not found' }, 'eth_estimateGas');
    const ids = await stand.database.accept(
      ...[...contracts, newEvmAddress()].map((address) => stand.world.want(address, 1n)),
    );
    await stand.database.reached(ids.slice(25), 'completed');
    await stand.database.showing(ids.slice(0, 25), 'GAS_UNKNOWN');
    stand.proxy.clear();
    await stand.database.reached(ids, 'completed');
  });

  test('nothing is begun while the base fee is near the cap', async () => {
    await stand.world.test.setNextBlockBaseFeePerGas({ baseFeePerGas: 480n * GWEI });
    await stand.world.mine(1);
    stand.start();
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 1n));
    await stand.database.showing(ids, 'FEE_CAP_NEAR');
    expect(stand.signer.requests).toHaveLength(0);
    await stand.world.test.setNextBlockBaseFeePerGas({ baseFeePerGas: GWEI });
    await stand.world.mine(1);
    stand.mine();
    await stand.database.reached(ids, 'completed');
  });

  test('a fee is not raised beyond the cap: the transaction waits', async () => {
    await stand.world.test.setNextBlockBaseFeePerGas({ baseFeePerGas: GWEI });
    await stand.world.mine(1);
    stand.start({ replaceAfterSeconds: 1, maxFeePerGas: 2n * GWEI + GWEI / 5n });
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 1n));
    await stand.database.showing(ids, 'FEE_CAP_REACHED');
    stand.mine();
    await stand.database.reached(ids, 'completed');
    const fees = (await evmAttemptsOf(stand.database, ids)).map(({ max_fee_per_gas }) => BigInt(max_fee_per_gas));
    expect(fees.every((fee) => fee <= 2n * GWEI + GWEI / 5n)).toBe(true);
  });

  test('a node that suggests no tip is no obstacle', async () => {
    stand.mine();
    stand.start();
    stand.proxy.fail({ kind: 'error', code: -32601, message: 'the method does not exist' }, 'eth_maxPriorityFeePerGas');
    await stand.database.reached(await stand.database.accept(stand.world.want(newEvmAddress(), 1n)), 'completed');
  });

  test('a base fee that outgrows the transaction has it replaced', async () => {
    await stand.world.test.setNextBlockBaseFeePerGas({ baseFeePerGas: GWEI });
    await stand.world.mine(1);
    stand.start({ replaceAfterSeconds: 1 });
    const ids = await stand.database.accept(stand.world.want(newEvmAddress(), 1n));
    await eventually(async () => (await evmAttemptsOf(stand.database, ids))[0]?.sent_outcome === 'sent');
    await stand.world.test.setNextBlockBaseFeePerGas({ baseFeePerGas: 90n * GWEI });
    await stand.world.mine(1);
    stand.mine();
    await stand.database.reached(ids, 'completed');
  });
});
