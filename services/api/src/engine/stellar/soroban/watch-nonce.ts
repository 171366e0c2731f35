import type { StellarContext } from '../context.ts';
import { noteUnused, openAuthorization } from './authorizations.ts';
import { look } from './look.ts';
import { proveUnused } from './unused-proof.ts';

// Well within the time that a used nonce can be seen on any network.
const LEDGERS_BETWEEN = 8n;

/** While an envelope is in flight: sees now and then that nobody else has used its authorization, for the proof at its end. */
export async function watchNonce(context: StellarContext, channel: string, latestLedger: bigint): Promise<void> {
  const authorization = await openAuthorization(context, channel);
  if (authorization === undefined) return;
  const { unusedAt, expirationLedger } = authorization;
  if (unusedAt >= expirationLedger || latestLedger < unusedAt + LEDGERS_BETWEEN) return;
  const { used, ledger } = await look(context, authorization);
  if (used) return;
  if (ledger <= expirationLedger) await noteUnused(context, authorization, ledger);
  // Later, the entry of a used nonce may be gone again: that it is not there is proof for a while only.
  else if (await proveUnused(context.rpc, authorization, ledger)) {
    await noteUnused(context, authorization, expirationLedger);
  }
}
