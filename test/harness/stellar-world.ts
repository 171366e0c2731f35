import type { StackKeys } from '@countersign/dev/keys';
import { type StellarRpc, startStellarRpc } from '@countersign/dev/stellar';
import { setUpStellar } from '@countersign/dev/stellar-setup';
import { PASSPHRASE } from './requests.ts';

/** A ledger that closes by hand, with the treasury, its channels and the recipients on it. */
export async function openLedger(keys: StackKeys, recipients: readonly string[]): Promise<StellarRpc> {
  const rpc = await startStellarRpc({ networkPassphrase: PASSPHRASE, closeEveryMs: 'manual' });
  let ready = false;
  const closing = (async () => {
    while (!ready) {
      rpc.closeLedger();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await setUpStellar(rpc.url, keys, recipients, AbortSignal.timeout(20_000)).finally(() => {
    ready = true;
  });
  await closing;
  return rpc;
}
