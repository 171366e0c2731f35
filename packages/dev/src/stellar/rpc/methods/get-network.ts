import type { Ledger } from '../../ledger/ledger.ts';
import { PROTOCOL_VERSION } from '../../ledger/network.ts';

export function getNetwork({ networkPassphrase }: Ledger, friendbotUrl: string) {
  return {
    friendbotUrl,
    passphrase: networkPassphrase,
    protocolVersion: PROTOCOL_VERSION,
    build: 'countersign dev ledger',
  };
}
