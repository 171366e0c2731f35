import type { StellarContext } from '../context.ts';
import { noteUnused, openAuthorization } from './authorizations.ts';
import { look } from './look.ts';

// Well within the time that a used nonce can be seen on any network.
const LEDGERS_BETWEEN = 8n;

/** While an envelope is in flight: sees now and then that nobody else has used its authorization, for the proof at its end. */
export async function watchNonce(context: StellarContext, channel: string, latestLedger: bigint): Promise<void> {
  const authorization = await openAuthorization(context, channel);
  if (authorization === undefined || latestLedger < authorization.unusedAt + LEDGERS_BETWEEN) return;
  const { used, ledger } = await look(context, authorization);
  if (!used) await noteUnused(context, authorization, ledger);
}
