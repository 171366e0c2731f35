import type { Payout } from './payouts-client.ts';
import type { Urls } from './urls.ts';

/** The one line that `--once` prints: JSON, `ok` first, `reasons` only when something failed. */
export function reportLine(result: {
  readonly payouts: readonly Payout[];
  readonly problems: readonly string[];
  readonly urls: Urls | Record<string, never>;
}): string {
  const { payouts, problems, urls } = result;
  const ok = problems.length === 0;
  const shown = payouts.map(({ id, chain, asset, amount, destination, status, hash, key, path }) => {
    return { id, chain, asset, amount, destination, status, hash, key, path };
  });
  return JSON.stringify({ ok, ...(ok ? {} : { reasons: problems }), payouts: shown, urls });
}
