import { Keypair, Operation, TransactionBuilder } from '@stellar/stellar-sdk/base';
import type { StackKeys } from './keys.ts';
import { STELLAR } from './networks.ts';
import { sourceAccount, submit } from './stellar-submit.ts';

const TREASURY_BALANCE = '1000000';
const CHANNEL_BALANCE = '1000';
const ISSUER_BALANCE = '10';
const RECIPIENT_BALANCE = '10';
/** Stroops for each operation. */
const FEE = '100';

/** Signer weights that reach a threshold; a service key never reaches the high one. */
const THRESHOLDS = { lowThreshold: 1, medThreshold: 2, highThreshold: 3 };
const MEDIUM = 2;
const HIGH = 3;
const NONE = 0;

/**
 * Creates the treasury, its channel accounts, the issuer and the funded recipients on the dev ledger, in one transaction of the
 * network's root account. Afterwards the treasury's key has medium weight on the treasury and on every channel, the admin
 * key high weight, and the channels' own keys none.
 */
export async function setUpStellar(
  rpcUrl: string,
  keys: StackKeys,
  fundedRecipients: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const root = Keypair.master(STELLAR.passphrase);
  const treasury = Keypair.fromSecret(keys.stellar.seed);
  const source = await sourceAccount(rpcUrl, root);
  const builder = new TransactionBuilder(source, { fee: FEE, networkPassphrase: STELLAR.passphrase }).setTimeout(60);
  const create = (destination: string, startingBalance: string) =>
    builder.addOperation(Operation.createAccount({ destination, startingBalance }));

  create(treasury.publicKey(), TREASURY_BALANCE);
  for (const channel of keys.channels) create(channel.publicKey(), CHANNEL_BALANCE);
  create(keys.issuer.publicKey(), ISSUER_BALANCE);
  for (const recipient of fundedRecipients) create(recipient, RECIPIENT_BALANCE);
  for (const channel of keys.channels) {
    const signer = { ed25519PublicKey: treasury.publicKey(), weight: MEDIUM };
    builder.addOperation(Operation.setOptions({ source: channel.publicKey(), signer }));
    builder.addOperation(handOver(channel, keys.admin, NONE));
  }
  builder.addOperation(handOver(treasury, keys.admin, MEDIUM));

  const transaction = builder.build();
  transaction.sign(root, treasury, ...keys.channels);
  await submit(rpcUrl, transaction, signal);
}

/** The account's own key keeps `masterWeight`; from here on the admin alone can change its signers. */
function handOver(account: Keypair, admin: Keypair, masterWeight: number) {
  const signer = { ed25519PublicKey: admin.publicKey(), weight: HIGH };
  return Operation.setOptions({ source: account.publicKey(), signer, masterWeight, ...THRESHOLDS });
}
