import type { Ledger } from '../../ledger/ledger.ts';
import { hex, PROTOCOL_VERSION } from '../../ledger/network.ts';

export function getLatestLedger(ledger: Ledger) {
  const { hash, sequence, closeTime, header, metadata } = ledger.latest();
  return {
    id: hex(hash),
    protocolVersion: PROTOCOL_VERSION,
    sequence,
    closeTime: `${closeTime}`,
    headerXdr: header.toXdr('base64'),
    metadataXdr: metadata.toXdr('base64'),
  };
}
