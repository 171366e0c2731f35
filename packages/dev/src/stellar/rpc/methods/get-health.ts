import type { Ledger } from '../../ledger/ledger.ts';
import { INTERNAL_ERROR, JsonRpcError } from '../json-rpc.ts';

export interface HealthOptions {
  readonly retentionLedgers: number;
  /** How old the latest ledger may be for the server to call itself healthy; undefined where nothing drives it. */
  readonly maxLatencySeconds?: number;
}

export function getHealth(ledger: Ledger, { retentionLedgers, maxLatencySeconds }: HealthOptions, now: bigint) {
  const [latest, oldest] = [ledger.latest(), ledger.oldest()];
  const latency = Number(now - latest.closeTime);
  if (maxLatencySeconds !== undefined && latency > maxLatencySeconds) {
    const message = `latency (${latency}s) since last known ledger closed is too high (>${maxLatencySeconds}s)`;
    throw new JsonRpcError(INTERNAL_ERROR, message);
  }
  return {
    status: 'healthy',
    latestLedger: latest.sequence,
    latestLedgerCloseTime: Number(latest.closeTime),
    oldestLedger: oldest.sequence,
    oldestLedgerCloseTime: Number(oldest.closeTime),
    ledgerRetentionWindow: retentionLedgers,
  };
}
