import { type Account, Asset, BASE_FEE, Keypair, Memo, Operation, TransactionBuilder } from '@stellar/stellar-sdk/base';
import { Server } from '@stellar/stellar-sdk/rpc';
import { type StellarRpc, type StellarRpcOptions, startStellarRpc } from '../rpc/server.ts';
import { PASSPHRASE } from './harness.ts';

export const root = Keypair.master(PASSPHRASE);

/** What `start` has started, and `stopAll` has not stopped. */
export const running: StellarRpc[] = [];

/** A server whose ledgers close by hand, unless said otherwise, and the SDK's client of it. */
export async function start(options: Partial<StellarRpcOptions> = {}) {
  const started = await startStellarRpc({ networkPassphrase: PASSPHRASE, closeEveryMs: 'manual', ...options });
  running.push(started);
  return { ...started, client: new Server(started.url, { allowHttp: true }) };
}

export async function stopAll(): Promise<void> {
  for (const started of running.splice(0)) await started.close();
}

export function builder(source: Account) {
  return new TransactionBuilder(source, { fee: BASE_FEE, networkPassphrase: PASSPHRASE }).setTimeout(60);
}

/** A payment by the root account, signed. */
export async function payment(client: Server, destination = root.publicKey(), amount = '1') {
  const source = await client.getAccount(root.publicKey());
  const transaction = builder(source)
    .addOperation(Operation.payment({ destination, asset: Asset.native(), amount }))
    .addMemo(Memo.text('hello'))
    .build();
  transaction.sign(root);
  return transaction;
}
