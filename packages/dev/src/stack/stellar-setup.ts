import { Account, Keypair, Operation, TransactionBuilder, xdr } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import { callRpc } from './json-rpc.ts';
import type { StackKeys } from './keys.ts';
import { STELLAR } from './networks.ts';
import { waitUntil } from './wait-until.ts';

const TREASURY_BALANCE = '1000000';
const CHANNEL_BALANCE = '1000';
const RECIPIENT_BALANCE = '10';
/** Stroops for each operation. */
const FEE = '100';

/** Signer weights that reach a threshold; a service key never reaches the high one. */
const THRESHOLDS = { lowThreshold: 1, medThreshold: 2, highThreshold: 3 };
const MEDIUM = 2;
const HIGH = 3;
const NONE = 0;

const entriesSchema = z.object({ entries: z.array(z.object({ xdr: z.string() })).default([]) });
const sentSchema = z.object({ status: z.string(), errorResultXdr: z.string().optional() });
const transactionSchema = z.object({ status: z.string(), resultXdr: z.string().default('') });

/**
 * Creates the treasury, its channel accounts and the funded recipients on the dev ledger, in one transaction of the
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
  const source = new Account(root.publicKey(), await sequenceOf(rpcUrl, root));
  const builder = new TransactionBuilder(source, { fee: FEE, networkPassphrase: STELLAR.passphrase }).setTimeout(60);
  const create = (destination: string, startingBalance: string) =>
    builder.addOperation(Operation.createAccount({ destination, startingBalance }));

  create(treasury.publicKey(), TREASURY_BALANCE);
  for (const channel of keys.channels) create(channel.publicKey(), CHANNEL_BALANCE);
  for (const recipient of fundedRecipients) create(recipient, RECIPIENT_BALANCE);
  for (const channel of keys.channels) {
    const signer = { ed25519PublicKey: treasury.publicKey(), weight: MEDIUM };
    builder.addOperation(Operation.setOptions({ source: channel.publicKey(), signer }));
    builder.addOperation(handOver(channel, keys.admin, NONE));
  }
  builder.addOperation(handOver(treasury, keys.admin, MEDIUM));

  const transaction = builder.build();
  transaction.sign(root, treasury, ...keys.channels);
  await submit(rpcUrl, transaction.toXdr(), Buffer.from(transaction.hash()).toString('hex'), signal);
}

/** The account's own key keeps `masterWeight`; from here on the admin alone can change its signers. */
function handOver(account: Keypair, admin: Keypair, masterWeight: number) {
  const signer = { ed25519PublicKey: admin.publicKey(), weight: HIGH };
  return Operation.setOptions({ source: account.publicKey(), signer, masterWeight, ...THRESHOLDS });
}

async function sequenceOf(rpcUrl: string, account: Keypair): Promise<string> {
  const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: account.xdrPublicKey() }));
  const { entries } = entriesSchema.parse(await callRpc(rpcUrl, 'getLedgerEntries', { keys: [key.toXdr('base64')] }));
  const [entry] = entries;
  if (entry === undefined) throw new Error(`the account ${account.publicKey()} is not on the ledger`);
  const data = xdr.LedgerEntryData.fromXdr(entry.xdr, 'base64');
  if (data.type !== 'account') throw new Error(`expected an account entry, got ${data.type}`);
  return String(data.value.seqNum);
}

async function submit(rpcUrl: string, transaction: string, hash: string, signal: AbortSignal): Promise<void> {
  const sent = sentSchema.parse(await callRpc(rpcUrl, 'sendTransaction', { transaction }));
  if (sent.status !== 'PENDING') throw new Error(`ledger set-up: ${sent.status} ${sent.errorResultXdr ?? ''}`);
  let outcome = { status: 'NOT_FOUND', resultXdr: '' };
  const closed = async () => {
    outcome = transactionSchema.parse(await callRpc(rpcUrl, 'getTransaction', { hash }));
    return outcome.status !== 'NOT_FOUND';
  };
  await waitUntil('ledger set-up in a closed ledger', closed, { signal });
  if (outcome.status !== 'SUCCESS') throw new Error(`ledger set-up: ${outcome.status} ${outcome.resultXdr}`);
}
