import type { StellarRpc } from '../rpc.ts';
import type { Authorization } from './authorizations.ts';
import { ARCHIVAL_KEY } from './ledger-keys.ts';

/**
 * Ledgers that a temporary entry lives at least, on any network (stellar-core's MINIMUM_TEMP_ENTRY_LIFETIME); a network may
 * have more: pubnet has 17,280, a day.
 */
const LEAST_TEMPORARY_TTL = 16n;

/**
 * Whether an authorization whose last ledger has passed was provably never used. A used nonce is a temporary entry, which
 * lives until the authorization's last ledger or for the network's least time, whichever is longer (rs-soroban-env,
 * `consume_nonce`). So an entry that is not there at `ledger` was never made, unless it could have been made after `unusedAt`
 * and be gone again by then.
 */
export function isProvenUnused(
  { unusedAt, expirationLedger }: Pick<Authorization, 'unusedAt' | 'expirationLedger'>,
  ledger: bigint,
  leastTtl: bigint = LEAST_TEMPORARY_TTL,
): boolean {
  if (ledger <= expirationLedger) return false;
  return unusedAt >= expirationLedger || ledger <= unusedAt + leastTtl;
}

/** The same, with the network's own least time where the one of all networks is not enough. */
export async function proveUnused(
  rpc: Pick<StellarRpc, 'entries'>,
  authorization: Authorization,
  ledger: bigint,
): Promise<boolean> {
  if (isProvenUnused(authorization, ledger)) return true;
  const { entries } = await rpc.entries([ARCHIVAL_KEY]);
  return entries.some(
    (entry) =>
      entry.type === 'configSetting' &&
      entry.value.type === 'configSettingStateArchival' &&
      isProvenUnused(authorization, ledger, BigInt(entry.value.value.minTemporaryTtl)),
  );
}
