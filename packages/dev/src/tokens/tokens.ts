import { encodeDeployData, encodeFunctionData, getAddress } from 'viem';
import { z } from 'zod';
import { callRpc } from '../stack/json-rpc.ts';
import { compileToken, type TokenName } from './compile.ts';

export { type CompiledToken, compileToken, type TokenName } from './compile.ts';

/** A token on anvil. */
export interface DeployedToken {
  readonly name: TokenName;
  /** EIP-55. */
  readonly address: `0x${string}`;
}

/** Who calls where nobody else is named; anvil needs no key of it. */
const ANYBODY = '0x000000000000000000000000000000000000dEaD';
const TEN_ETHER = 10n ** 19n;

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const receiptSchema = z.object({ status: z.string(), contractAddress: z.string().nullish() }).nullable();

/**
 * Creates the contract on anvil and mines a block with it.
 *
 * @param from whose contract it is: the first that an address creates is at an address that can be told before
 * @throws Error when anvil refuses it, or the transaction fails.
 */
export async function deployToken(rpcUrl: string, name: TokenName, from: string = ANYBODY): Promise<DeployedToken> {
  const data = encodeDeployData(await compileToken(name));
  const { contractAddress } = await transact(rpcUrl, { from, data });
  if (typeof contractAddress !== 'string') throw new Error(`${name}: no contract was created`);
  return { name, address: getAddress(contractAddress) };
}

/** Makes `amount` smallest units out of nothing for `to`, and mines a block with it. */
export async function mint(rpcUrl: string, token: DeployedToken, to: string, amount: bigint): Promise<void> {
  await callToken(rpcUrl, token, 'mint', [to, amount]);
}

/** Calls a function of the token that changes something, and mines a block with the call. */
export async function callToken(
  rpcUrl: string,
  { name, address }: DeployedToken,
  functionName: string,
  args: readonly unknown[],
  from: string = ANYBODY,
): Promise<void> {
  const { abi } = await compileToken(name);
  await transact(rpcUrl, { from, to: address, data: encodeFunctionData({ abi, functionName, args }) });
}

async function transact(
  url: string,
  transaction: { readonly from: string; readonly to?: string; readonly data: string },
) {
  const { from } = transaction;
  await callRpc(url, 'anvil_setBalance', [from, `0x${TEN_ETHER.toString(16)}`]);
  await callRpc(url, 'anvil_impersonateAccount', [from]);
  const sent = hash.parse(await callRpc(url, 'eth_sendTransaction', [{ ...transaction, gas: '0x2dc6c0' }]));
  await callRpc(url, 'evm_mine', []);
  const receipt = receiptSchema.parse(await callRpc(url, 'eth_getTransactionReceipt', [sent]));
  if (receipt?.status !== '0x1') throw new Error(`transaction ${sent}: ${receipt === null ? 'not mined' : 'failed'}`);
  return receipt;
}
