import { z } from 'zod';
import { type RpcCall, RpcError } from '../json-rpc.ts';

/** The methods of an Ethereum node that payouts need. https://ethereum.github.io/execution-apis/ */
export interface EvmRpc {
  /** Wei. */
  latestBlock(): Promise<{ readonly number: bigint; readonly baseFee: bigint }>;
  /** The number of the newest block that the node calls final. */
  finalizedNumber(): Promise<bigint>;
  /** The hash of the canonical block of that number. */
  blockHash(number: bigint): Promise<string | undefined>;
  /** How many nonces of the address are used up as of a block. */
  transactionCount(address: string, block: bigint | 'latest'): Promise<bigint>;
  /** Wei. */
  balance(address: string): Promise<bigint>;
  /** The tip that the node suggests, in wei a gas; undefined where it has no such method. */
  suggestedTip(): Promise<bigint | undefined>;
  hasCode(address: string): Promise<boolean>;
  estimateGas(transfer: { readonly from: string; readonly to: string; readonly value: bigint }): Promise<bigint>;
  /** Rejects with the node's own words; see send-verdict.ts. */
  send(signed: Uint8Array): Promise<void>;
  receipt(hash: string): Promise<Receipt | undefined>;
}

export interface Receipt {
  readonly hash: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly succeeded: boolean;
}

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/i)
  .transform(BigInt);
const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i)
  .transform((text) => text.toLowerCase());

const blockSchema = z.object({ number: quantity, hash, baseFeePerGas: quantity });
const receiptSchema = z
  .object({ transactionHash: hash, blockNumber: quantity, blockHash: hash, status: quantity })
  .nullable();

const METHOD_NOT_FOUND = -32601;

export function createEvmRpc(call: RpcCall): EvmRpc {
  const ask = async <Schema extends z.ZodType>(method: string, params: unknown[], schema: Schema) => {
    const parsed = schema.safeParse(await call(method, params));
    if (parsed.success) return parsed.data;
    throw new RpcError('unreachable', `${method}: an answer of another shape`, { cause: parsed.error });
  };
  return {
    latestBlock: async () => {
      const { number, baseFeePerGas } = await ask('eth_getBlockByNumber', ['latest', false], blockSchema);
      return { number, baseFee: baseFeePerGas };
    },
    finalizedNumber: async () => (await ask('eth_getBlockByNumber', ['finalized', false], blockSchema)).number,
    blockHash: async (number) =>
      (await ask('eth_getBlockByNumber', [hex(number), false], blockSchema.pick({ hash: true }).nullable()))?.hash,
    transactionCount: (address, block) =>
      ask('eth_getTransactionCount', [address, block === 'latest' ? block : hex(block)], quantity),
    balance: (address) => ask('eth_getBalance', [address, 'latest'], quantity),
    suggestedTip: async () => {
      try {
        return await ask('eth_maxPriorityFeePerGas', [], quantity);
      } catch (error) {
        if (error instanceof RpcError && error.rpcCode === METHOD_NOT_FOUND) return undefined;
        throw error;
      }
    },
    hasCode: async (address) => (await ask('eth_getCode', [address, 'latest'], z.string())) !== '0x',
    estimateGas: ({ from, to, value }) => ask('eth_estimateGas', [{ from, to, value: hex(value) }], quantity),
    send: async (signed) => {
      await ask('eth_sendRawTransaction', [`0x${Buffer.from(signed).toString('hex')}`], hash);
    },
    receipt: async (transactionHash) => {
      const receipt = await ask('eth_getTransactionReceipt', [transactionHash], receiptSchema);
      if (receipt === null) return undefined;
      const { blockNumber, blockHash, status } = receipt;
      return { hash: receipt.transactionHash, blockNumber, blockHash, succeeded: status === 1n };
    },
  };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
