import { assetsOf } from './assets.ts';
import type { CustodyPath } from './configuration.ts';
import { KEY_IDS, type KeyId } from './keys.ts';
import { createPayoutsClient, type Order, type Payout } from './payouts-client.ts';
import type { Stack } from './stack.ts';

const PAYOUT_TIMEOUT_MS = 45_000;

export interface DemoResult {
  /** Every payout that was ordered, as it ended. */
  readonly payouts: readonly Payout[];
  /** What went wrong; empty when all was paid the way it should be. */
  readonly problems: readonly string[];
}

type DemoStack = Pick<Stack, 'urls' | 'apiKey' | 'keys' | 'recipients' | 'setPath'>;

/**
 * Shows the main job: on both chains at once, a payout on every rail signed with the legacy key, the flag moved to KMS while
 * everything runs, and the same payouts again, signed in KMS.
 */
export async function runDemo(
  stack: DemoStack,
  { say, signal }: { readonly say: (what: string) => void; readonly signal: AbortSignal },
): Promise<DemoResult> {
  const client = createPayoutsClient(stack.urls.api, stack.apiKey);
  const orders = demoOrders(stack);
  const payouts: Payout[] = [];

  async function pay(order: Order, path: CustodyPath): Promise<string[]> {
    const { id } = await client.order(order);
    const payout = await client.follow(id, { timeoutMs: PAYOUT_TIMEOUT_MS, signal });
    payouts.push(payout);
    const what = `${payout.amount} of ${payout.asset} to ${payout.destination.slice(0, 6)}…`;
    say(`${what} by ${payout.path ?? 'nobody'}: ${payout.status} ${payout.hash ?? ''}`);
    return problemsOf(payout, path);
  }

  async function payAll(key: KeyId, path: CustodyPath): Promise<string[]> {
    await stack.setPath(key, path);
    const ofKey = orders.filter((order) => order.key === key);
    return (await Promise.all(ofKey.map((order) => pay(order, path)))).flat();
  }

  async function payByBothPaths(key: KeyId): Promise<string[]> {
    const byLegacy = await payAll(key, 'legacy');
    return byLegacy.length > 0 ? byLegacy : payAll(key, 'kms');
  }

  const results = await Promise.allSettled(KEY_IDS.map(payByBothPaths));
  signal.throwIfAborted();
  const problems = results.flatMap((result) =>
    result.status === 'fulfilled' ? result.value : [String(result.reason)],
  );
  return { payouts, problems };
}

/** A small payout on each rail: lumens, an issued asset, its contract (SEP-41), ether, an ERC-20 token. */
export function demoOrders({ keys, recipients }: Pick<DemoStack, 'keys' | 'recipients'>): readonly [Order, ...Order[]] {
  const { xlm, stellarUsdc, eth, evmUsdc } = assetsOf(keys);
  const [account = ''] = recipients.stellar;
  const [contract = ''] = recipients.contracts;
  const [address = ''] = recipients.evm;
  return [
    { key: 'treasury-stellar', asset: xlm, amount: '12.5', destination: account },
    { key: 'treasury-stellar', asset: stellarUsdc, amount: '25', destination: account },
    { key: 'treasury-stellar', asset: stellarUsdc, amount: '40', destination: contract },
    { key: 'treasury-evm', asset: eth, amount: '0.25', destination: address },
    { key: 'treasury-evm', asset: evmUsdc, amount: '30', destination: address },
  ];
}

function problemsOf(payout: Payout, path: CustodyPath): string[] {
  const name = `payout ${payout.id} of ${payout.asset}`;
  if (payout.status !== 'completed') {
    const why = payout.reason === null ? '' : ` (${payout.reason.code}: ${payout.reason.detail})`;
    return [`${name}: expected completed, got ${payout.status}${why}`];
  }
  if (payout.path !== path) return [`${name}: expected a signature by ${path}, got ${payout.path}`];
  if (payout.hash === null) return [`${name}: completed without a transaction hash`];
  return [];
}
