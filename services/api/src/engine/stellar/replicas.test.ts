import { describe, expect, test } from '@jest/globals';
import { runEngine } from '../../../testing/engine/run-engine.ts';
import { useStellarStand } from '../../../testing/engine/stellar-stand.ts';

const XLM = 10_000_000n;
const stand = useStellarStand();

describe('two engines on one database', () => {
  test('share the work and pay everything once', async () => {
    const other = runEngine({
      database: stand.database,
      chains: [stand.world.chain],
      signer: stand.signer,
      now: stand.world.now,
    });
    try {
      const accounts = await stand.world.newAccounts(30);
      const wanted = accounts.flatMap((account, i) => [
        stand.world.want(account, XLM, { type: 'id', value: String(i % 7) }),
        stand.world.want(account, 2n * XLM),
      ]);
      const ids = (await Promise.all(wanted.map((each) => stand.database.accept(each)))).flat();
      await stand.database.reached(ids, 'completed');
      for (const account of accounts) expect(stand.world.balance(account)).toBe(13n * XLM);
    } finally {
      await other.stop();
    }
  });
});
