import { TransactionError } from '@countersign/chains/error';
import { attachEvmSignature } from '@countersign/chains/evm/attach';
import type { SignTransactionResponse } from '@countersign/contract/signer';
import { recoverAddress, toHex } from 'viem/utils';
import type { EvmAttempt } from './nonces.ts';

/**
 * Whether what the signer returned is our transaction with the account's signature and nothing else.
 *
 * @returns what is wrong with it, or undefined.
 */
export async function checkSigned(
  { unsigned, signingHash }: Pick<EvmAttempt, 'unsigned' | 'signingHash'>,
  address: string,
  {
    signature,
    signedTransaction,
    transactionHash,
  }: Pick<SignTransactionResponse, 'signature' | 'signedTransaction' | 'transactionHash'>,
): Promise<string | undefined> {
  let ours: { signed: Uint8Array; hash: Uint8Array };
  try {
    ours = attachEvmSignature(unsigned, signature);
  } catch (error) {
    if (!(error instanceof TransactionError)) throw error;
    return `not a signature (${error.code})`;
  }
  if (!same(ours.signed, signedTransaction)) return 'another transaction';
  if (!same(ours.hash, transactionHash)) return 'another transaction hash';
  const [r, s] = [toHex(signature.subarray(0, 32)), toHex(signature.subarray(32, 64))];
  const signer = await recoverAddress({
    hash: toHex(Buffer.from(signingHash.slice(2), 'hex')),
    signature: { r, s, yParity: signature[64] ?? 0 },
  }).catch(() => undefined);
  return signer === address ? undefined : 'a signature by another key';
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
