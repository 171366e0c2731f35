import { z } from 'zod';
import { type Checker, present } from './checker.ts';
import { memoRule, readMemoRule } from './memo.ts';
import { paidAccount } from './paid-account.ts';
import type { MemoRule, NeverPaid } from './policy.ts';
import { EVM_ADDRESS, STELLAR_ADDRESS } from './words.ts';

const expected = { error: 'expected a list of destinations, or `any`' };

export const stellarDestinations = z
  .union(
    [
      z.literal('any'),
      z.array(
        z.union(
          [
            STELLAR_ADDRESS,
            z.strictObject({
              address: STELLAR_ADDRESS.describe('who may be paid with these memos'),
              memo: memoRule.describe(
                'which memos: `none`; `any`, and none too; or `text:…`, `id:<integer>`, `hash:<hex>`, `return:<hex>`, or several of them; to an account (`G…`) alone',
              ),
            }),
          ],
          { error: 'expected an address, or `address` and `memo`' },
        ),
      ),
    ],
    expected,
  )
  .describe(
    'who may be paid, each once and exactly: accounts (`G…`), muxed ones (`M…`, each by itself) and contracts (`C…`, with `soroban` alone); an address that stands alone is paid without a memo. Or `any`, which needs `memo`, a `fee_budget`, and for each asset `windows` with `max_amount` and `max_count`',
  );

export const evmDestinations = z
  .union([z.literal('any'), z.array(EVM_ADDRESS)], expected)
  .describe(
    'who may be paid, each once: addresses in EIP-55; neither the zero address nor the contract of a listed asset. Or `any`, which needs a `fee_budget`, and for each asset `windows` with `max_amount` and `max_count`',
  );

type Entries = Exclude<z.infer<typeof stellarDestinations>, 'any'>;

/** The list: an issue for every entry that is no address, stands twice, is never paid, or carries a memo that it cannot. */
export function listedDestinations(
  entries: Entries,
  read: (text: string) => string,
  neverPaid: ReadonlyMap<string, NeverPaid>,
  at: Checker,
): Map<string, MemoRule> {
  const seen = new Set<string>();
  return new Map(
    present(
      entries.map((entry, i) => {
        const bound = typeof entry === 'object';
        const here = at.in(['destinations', i]);
        const address = here.read(bound ? 'address' : [], () => {
          const canonical = read(bound ? entry.address : entry);
          if (seen.has(canonical)) throw new Error('expected each destination once');
          seen.add(canonical);
          const never = neverPaid.get(paidAccount(canonical));
          if (never !== undefined) throw new Error(PAYABLE[never]);
          return canonical;
        });
        const rule = bound ? readMemoRule(entry.memo, here.in('memo')) : 'none';
        if (address === undefined || rule === undefined) return undefined;
        if (rule !== 'none' && !address.startsWith('G')) {
          return here.fail('memo', 'expected `none`: an account (`G…`) alone is paid with a memo');
        }
        return [address, rule] as const;
      }),
    ),
  );
}

const PAYABLE: Readonly<Record<NeverPaid, string>> = {
  own: 'expected an account that is not our own',
  token: 'expected a holder, got the contract of a listed asset',
  nobody: 'expected an address that somebody can own',
};
