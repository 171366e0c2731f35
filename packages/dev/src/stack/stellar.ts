import { callRpc } from './json-rpc.ts';
import { STELLAR } from './networks.ts';
import type { ProgramSpec } from './program.ts';
import { compiled } from './repository.ts';

/** The dev ledger: a ledger a second. */
export function stellarSpec(port: number, url: string): ProgramSpec {
  return {
    name: 'stellar',
    command: process.execPath,
    args: [compiled('packages/dev', 'stellar/main')],
    env: () => ({ STELLAR_PORT: String(port), STELLAR_PASSPHRASE: STELLAR.passphrase, STELLAR_CLOSE_MS: '1000' }),
    ready: async () => {
      await callRpc(url, 'getHealth');
      return true;
    },
  };
}
