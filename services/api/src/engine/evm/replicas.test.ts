import { describe, expect, test } from '@jest/globals';
import { useEvmStand } from '../../../testing/engine/evm-stand.ts';
import { newEvmAddress } from '../../../testing/engine/evm-world.ts';
import { runEngine } from '../../../testing/engine/run-engine.ts';

const addresses = (count: number) => Array.from({ length: count }, newEvmAddress);
const stand = useEvmStand();

describe('two engines on one database', () => {
  test('share the work and pay everything once', async () => {
    stand.mine();
    stand.start();
    const other = runEngine({ database: stand.database, chains: [stand.chain], signer: stand.signer });
    try {
      const to = addresses(24);
      const ids = (await Promise.all(to.map((address) => stand.database.accept(stand.world.want(address, 3n))))).flat();
      await stand.database.reached(ids, 'completed');
      for (const address of to) expect(await stand.world.balance(address)).toBe(3n);
    } finally {
      await other.stop();
    }
  });
});
