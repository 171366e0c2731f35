import { Account, type Keypair, type Transaction, xdr } from '@stellar/stellar-sdk/base';
import { z } from 'zod';
import { callRpc } from './json-rpc.ts';
import { waitUntil } from './wait-until.ts';

const entriesSchema = z.object({ entries: z.array(z.object({ xdr: z.string() })).default([]) });
const sentSchema = z.object({ status: z.string(), errorResultXdr: z.string().optional() });
const transactionSchema = z.object({ status: z.string(), resultXdr: z.string().default('') });

/** The account as the source of a new transaction. @throws when it is not on the ledger. */
export async function sourceAccount(rpcUrl: string, account: Keypair): Promise<Account> {
  const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId: account.xdrPublicKey() }));
  const { entries } = entriesSchema.parse(await callRpc(rpcUrl, 'getLedgerEntries', { keys: [key.toXdr('base64')] }));
  const [entry] = entries;
  if (entry === undefined) throw new Error(`the account ${account.publicKey()} is not on the ledger`);
  const data = xdr.LedgerEntryData.fromXdr(entry.xdr, 'base64');
  if (data.type !== 'account') throw new Error(`expected an account entry, got ${data.type}`);
  return new Account(account.publicKey(), String(data.value.seqNum));
}

/** Sends a signed transaction and resolves when it has succeeded in a closed ledger. @throws with its result (XDR) otherwise. */
export async function submit(rpcUrl: string, transaction: Transaction, signal: AbortSignal): Promise<void> {
  const hash = Buffer.from(transaction.hash()).toString('hex');
  const sent = sentSchema.parse(await callRpc(rpcUrl, 'sendTransaction', { transaction: transaction.toXdr() }));
  if (sent.status !== 'PENDING') throw new Error(`ledger set-up: ${sent.status} ${sent.errorResultXdr ?? ''}`);
  let outcome = { status: 'NOT_FOUND', resultXdr: '' };
  const closed = async () => {
    outcome = transactionSchema.parse(await callRpc(rpcUrl, 'getTransaction', { hash }));
    return outcome.status !== 'NOT_FOUND';
  };
  await waitUntil('ledger set-up in a closed ledger', closed, { signal });
  if (outcome.status !== 'SUCCESS') throw new Error(`ledger set-up: ${outcome.status} ${outcome.resultXdr}`);
}
