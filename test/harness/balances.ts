import type { Stack } from '@countersign/dev/stack';
import { Keypair, xdr } from '@stellar/stellar-sdk/base';
import { z } from 'zod';

const entriesSchema = z.object({ entries: z.array(z.object({ xdr: z.string() })) });
const answerSchema = z.object({ result: z.unknown() });

async function rpc(url: string, method: string, params: unknown): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return answerSchema.parse(await response.json()).result;
}

/** What the ledger itself says an account holds, in stroops; 0 where there is no account. */
export async function stellarBalance({ urls }: Stack, address: string): Promise<bigint> {
  const accountId = Keypair.fromPublicKey(address).xdrPublicKey();
  const key = xdr.LedgerKey.account(new xdr.LedgerKeyAccount({ accountId })).toXdr('base64');
  const { entries } = entriesSchema.parse(await rpc(urls.stellar, 'getLedgerEntries', { keys: [key] }));
  const [entry] = entries;
  if (entry === undefined) return 0n;
  const data = xdr.LedgerEntryData.fromXdr(entry.xdr, 'base64');
  if (data.type !== 'account') throw new Error(`expected an account, got ${data.type}`);
  return data.value.balance;
}

/** What the chain itself says an address holds, in wei. */
export async function evmBalance({ urls }: Stack, address: string): Promise<bigint> {
  return BigInt(String(await rpc(urls.anvil, 'eth_getBalance', [address, 'latest'])));
}

/** What all recipients hold, by the word of the chains themselves. */
export async function holdings(stack: Stack): Promise<{ stellar: bigint; evm: bigint }> {
  const sum = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n);
  return {
    stellar: sum(await Promise.all(stack.recipients.stellar.map((address) => stellarBalance(stack, address)))),
    evm: sum(await Promise.all(stack.recipients.evm.map((address) => evmBalance(stack, address)))),
  };
}
