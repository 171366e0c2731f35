import { describe, expect, test } from '@jest/globals';
import type { LedgerOptions } from '../ledger/ledger.ts';
import { createHarness, LUMEN, newKeys } from '../testing/harness.ts';
import { create } from '../testing/operations.ts';
import { createFriendbot } from './friendbot.ts';

function start(options: Partial<LedgerOptions> = {}) {
  const harness = createHarness(options);
  const friendbot = createFriendbot(harness.ledger);
  const close = () => {
    friendbot.submit(harness.now());
    harness.close();
    friendbot.settle();
  };
  return { ...harness, friendbot, close };
}

const five = () => ({ address: newKeys().publicKey(), balance: '5' });

describe('friendbot', () => {
  test('asks the ledger for no more than a transaction holds, the rest with the next ledger', async () => {
    const { friendbot, close, ledger } = start();
    const first = friendbot.fund(Array.from({ length: 60 }, five));
    const second = friendbot.fund(Array.from({ length: 60 }, five));
    close();
    close();
    expect([(await first).ledger, (await second).ledger]).toEqual([2, 3]);
    expect(ledger.accounts()).toHaveLength(121);
  });

  test('says when an account came to be before its transaction', async () => {
    const { friendbot, fund, apply, close, account } = start();
    const alice = fund(100n * LUMEN);
    const bob = newKeys();
    const asked = friendbot.fund([{ address: bob.publicKey(), balance: '5' }]);
    apply({ source: alice, operations: [create(bob, LUMEN)] });
    close();
    await expect(asked).rejects.toThrow('funding failed');
    expect(account(bob).balance).toBe(LUMEN);
  });

  test('says when no ledger has room for it', async () => {
    const { friendbot, close } = start({ maxOperationsPerLedger: 1 });
    const asked = friendbot.fund([five(), five()]);
    for (let ledgers = 0; ledgers < 4; ledgers++) close();
    await expect(asked).rejects.toThrow('never included');
  });
});
