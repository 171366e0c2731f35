import type { CustodyPath } from './configuration.ts';
import type { KeyId } from './keys.ts';
import { EVM, STELLAR } from './networks.ts';
import { createPayoutsClient, type Payout } from './payouts-client.ts';
import type { Stack } from './stack.ts';

const PAYOUT_TIMEOUT_MS = 45_000;

export interface DemoResult {
  /** Every payout that was ordered, as it ended. */
  readonly payouts: readonly Payout[];
  /** What went wrong; empty when all was paid the way it should be. */
  readonly problems: readonly string[];
}

type DemoStack = Pick<Stack, 'urls' | 'apiKey' | 'recipients' | 'setPath'>;

/**
 * Shows the main job: on both chains at once, a payout signed with the legacy key, the flag moved to KMS while everything
 * runs, and another payout, signed in KMS.
 */
export async function runDemo(
  stack: DemoStack,
  { say, signal }: { readonly say: (what: string) => void; readonly signal: AbortSignal },
): Promise<DemoResult> {
  const client = createPayoutsClient(stack.urls.api, stack.apiKey);
  const payouts: Payout[] = [];

  async function pay(key: KeyId, path: CustodyPath): Promise<string[]> {
    await stack.setPath(key, path);
    const { id } = await client.order(demoOrder(key, stack.recipients));
    const payout = await client.follow(id, { timeoutMs: PAYOUT_TIMEOUT_MS, signal });
    payouts.push(payout);
    say(`${payout.chain} by ${payout.path ?? 'nobody'}: ${payout.status} ${payout.hash ?? ''}`);
    return problemsOf(payout, path);
  }

  async function payBoth(key: KeyId): Promise<string[]> {
    const byLegacy = await pay(key, 'legacy');
    return byLegacy.length > 0 ? byLegacy : pay(key, 'kms');
  }

  const results = await Promise.allSettled([payBoth('treasury-stellar'), payBoth('treasury-evm')]);
  signal.throwIfAborted();
  const problems = results.flatMap((result) =>
    result.status === 'fulfilled' ? result.value : [String(result.reason)],
  );
  return { payouts, problems };
}

/** A small payout in the native asset of the key's chain, to the first recipient. */
export function demoOrder(key: KeyId, recipients: DemoStack['recipients']) {
  switch (key) {
    case 'treasury-stellar':
      return { key, asset: STELLAR.nativeAsset, amount: '12.5', destination: recipients.stellar[0] ?? '' };
    case 'treasury-evm':
      return { key, asset: EVM.nativeAsset, amount: '0.25', destination: recipients.evm[0] ?? '' };
  }
}

function problemsOf(payout: Payout, path: CustodyPath): string[] {
  const name = `payout ${payout.id} on ${payout.chain}`;
  if (payout.status !== 'completed') {
    const why = payout.reason === null ? '' : ` (${payout.reason.code}: ${payout.reason.detail})`;
    return [`${name}: expected completed, got ${payout.status}${why}`];
  }
  if (payout.path !== path) return [`${name}: expected a signature by ${path}, got ${payout.path}`];
  if (payout.hash === null) return [`${name}: completed without a transaction hash`];
  return [];
}
