import { expect, test } from '@jest/globals';
import { Keypair, type xdr } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { accountKey } from './account.ts';
import { readEntries } from './read-entries.ts';

const KEYS = Array.from({ length: 650 }, () => accountKey(Keypair.random().publicKey()));

/** A node that counts its calls and closes a ledger after each. */
function node(ledgers: readonly bigint[]) {
  const calls: (readonly xdr.LedgerKey[])[] = [];
  return {
    calls,
    entries: async (keys: readonly xdr.LedgerKey[]) => {
      calls.push(keys);
      return { ledger: ledgers[calls.length - 1] ?? 0n, entries: [] };
    },
  };
}

test('every key is asked for once, no call has more than the node takes, no group is torn apart', async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 120 });
  await fc.assert(
    fc.asyncProperty(sizes, async (list) => {
      const ends = list.map((_, i) => list.slice(0, i + 1).reduce((sum, size) => sum + size, 0));
      const groups = list.map((size, i) => KEYS.slice((ends[i] ?? 0) - size, ends[i]));
      const rpc = node([]);
      await readEntries(rpc, groups);
      expect(rpc.calls.flat()).toEqual(groups.flat());
      for (const call of rpc.calls) expect(call.length).toBeLessThanOrEqual(200);
      for (const group of groups.filter(({ length }) => length > 0)) {
        expect(rpc.calls.filter((call) => group.some((key) => call.includes(key)))).toHaveLength(1);
      }
      expect(rpc.calls.length).toBeLessThanOrEqual(Math.max(1, Math.ceil(groups.flat().length / 196)));
    }),
  );
});

test('the look is as old as its oldest call', async () => {
  const groups = KEYS.map((key) => [key]);
  expect((await readEntries(node([7n, 5n, 6n, 8n]), groups)).ledger).toBe(5n);
});

test('what does not fit into one call is refused, not torn apart', async () => {
  await expect(readEntries(node([]), [KEYS.slice(0, 201)])).rejects.toThrow('201 ledger keys');
});
