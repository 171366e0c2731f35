import { Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk/base';
import { stellarUsdc } from './assets.ts';
import type { StackKeys } from './keys.ts';
import { STELLAR } from './networks.ts';
import { sourceAccount, submit } from './stellar-submit.ts';

const TREASURY_USDC = '1000000';
const FEE = '100';

/**
 * Issues USDC on the dev ledger: trustlines of the treasury and of one recipient, the treasury's balance, and the asset's
 * contract (SAC), which the ledger deploys on request. The accounts are there already.
 */
export async function setUpStellarAssets(
  rpcUrl: string,
  keys: StackKeys,
  holder: Keypair,
  signal: AbortSignal,
): Promise<void> {
  const usdc = stellarUsdc(keys);
  const root = Keypair.master(STELLAR.passphrase);
  const treasury = Keypair.fromSecret(keys.stellar.seed);
  const source = await sourceAccount(rpcUrl, root);
  const transaction = new TransactionBuilder(source, { fee: FEE, networkPassphrase: STELLAR.passphrase })
    .addOperation(Operation.changeTrust({ source: treasury.publicKey(), asset: usdc }))
    .addOperation(Operation.changeTrust({ source: holder.publicKey(), asset: usdc }))
    .addOperation(
      Operation.payment({
        source: keys.issuer.publicKey(),
        destination: treasury.publicKey(),
        asset: usdc,
        amount: TREASURY_USDC,
      }),
    )
    .setTimeout(60)
    .build();
  transaction.sign(root, treasury, holder, keys.issuer);
  await submit(rpcUrl, transaction, signal);
  const response = await fetch(`${rpcUrl}/_dev/asset-contract`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ asset: `${usdc.getCode()}:${usdc.getIssuer()}` }),
    signal,
  });
  if (!response.ok) throw new Error(`ledger set-up: the asset contract: ${response.status} ${await response.text()}`);
}
