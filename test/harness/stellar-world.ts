import type { StackKeys } from '@countersign/dev/keys';
import { type StellarRpc, startStellarRpc } from '@countersign/dev/stellar';
import { setUpStellarAssets } from '@countersign/dev/stellar-assets';
import { setUpStellar } from '@countersign/dev/stellar-setup';
import { type Keypair, scValToNative } from '@stellar/stellar-sdk/base';
import { Server } from '@stellar/stellar-sdk/rpc';
import { PASSPHRASE } from './requests.ts';
import { balanceKey } from './soroban-data.ts';

/**
 * A ledger that closes by hand, with the treasury, its channels and the recipients on it. With a `holder`, one of them, also
 * USDC: the treasury's, the holder's trustline, the asset's contract.
 */
export async function openLedger(
  keys: StackKeys,
  recipients: readonly string[],
  holder?: Keypair,
): Promise<StellarRpc> {
  const rpc = await startStellarRpc({ networkPassphrase: PASSPHRASE, closeEveryMs: 'manual' });
  let ready = false;
  const closing = (async () => {
    while (!ready) {
      rpc.closeLedger();
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const signal = AbortSignal.timeout(45_000);
  try {
    await setUpStellar(rpc.url, keys, recipients, signal);
    if (holder !== undefined) await setUpStellarAssets(rpc.url, keys, holder, signal);
  } finally {
    ready = true;
  }
  await closing;
  return rpc;
}

/** What the recipient contract holds of USDC by the ledger's own word, in smallest units; 0 before it was first paid. */
export async function contractBalance(
  { url }: Pick<StellarRpc, 'url'>,
  world: { readonly keys: StackKeys; readonly recipients: { readonly contracts: readonly string[] } },
): Promise<bigint> {
  const [holder = ''] = world.recipients.contracts;
  const { entries } = await new Server(url, { allowHttp: true }).getLedgerEntries(balanceKey(world, holder));
  const [entry] = entries;
  if (entry === undefined) return 0n;
  if (entry.val.type !== 'contractData') throw new Error(`expected contract data, got ${entry.val.type}`);
  const { amount } = scValToNative(entry.val.value.val);
  return amount;
}
