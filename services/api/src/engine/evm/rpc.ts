import { z } from 'zod';
import { type RpcCall, RpcError } from '../json-rpc.ts';
import {
  blockSchema,
  bytes,
  type EvmLog,
  hash,
  quantity,
  type Receipt,
  receiptSchema,
  simulationSchema,
} from './rpc-answers.ts';

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
  balance(address: string, block: bigint): Promise<bigint>;
  /** The tip that the node suggests, in wei a gas; undefined where it has no such method. */
  suggestedTip(): Promise<bigint | undefined>;
  hasCode(address: string, block: bigint): Promise<boolean>;
  /** What the call returns at a block, 0x…; rejects with the node's own words where it reverts. */
  call(call: EvmCall, block: bigint): Promise<string>;
  estimateGas(call: EvmCall, block: bigint): Promise<bigint>;
  /**
   * The logs of the call, if it ran on top of a block; undefined where the node cannot simulate. Rejects where the call fails:
   * what it would have logged is not known then.
   */
  simulatedLogs(call: EvmCall, block: bigint): Promise<readonly EvmLog[] | undefined>;
  /** Rejects with the node's own words; see send-verdict.ts. */
  send(signed: Uint8Array): Promise<void>;
  receipt(hash: string): Promise<Receipt | undefined>;
}

/** A transaction, as far as it matters to what it does. */
export interface EvmCall {
  readonly from: string;
  readonly to: string;
  /** Wei. */
  readonly value?: bigint;
  /** 0x… */
  readonly data?: string;
}

const METHOD_NOT_FOUND = -32601;
// Providers have codes of their own for a method that they do not offer.
const LACKS_METHOD =
  /unsupported method|method\b.*\b(not (found|supported|available|allowed|whitelisted)|does not exist)/i;

export function createEvmRpc(call: RpcCall): EvmRpc {
  const ask = async <Schema extends z.ZodType>(method: string, params: unknown[], schema: Schema) => {
    const parsed = schema.safeParse(await call(method, params));
    if (parsed.success) return parsed.data;
    throw new RpcError('unreachable', `${method}: an answer of another shape`, { cause: parsed.error });
  };
  const askIfThere = async <Schema extends z.ZodType>(method: string, params: unknown[], schema: Schema) => {
    try {
      return await ask(method, params, schema);
    } catch (error) {
      if (error instanceof RpcError && lacksMethod(error)) return undefined;
      throw error;
    }
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
    balance: (address, block) => ask('eth_getBalance', [address, hex(block)], quantity),
    suggestedTip: () => askIfThere('eth_maxPriorityFeePerGas', [], quantity),
    hasCode: async (address, block) => (await ask('eth_getCode', [address, hex(block)], z.string())) !== '0x',
    call: (call, block) => ask('eth_call', [bounded(call), hex(block)], bytes),
    estimateGas: (call, block) => ask('eth_estimateGas', [bounded(call), hex(block)], quantity),
    simulatedLogs: async (call, block) => {
      const request = { blockStateCalls: [{ calls: [bounded(call)] }] };
      const answer = await askIfThere('eth_simulateV1', [request, hex(block)], simulationSchema);
      const simulated = answer?.[0].calls[0];
      if (simulated !== undefined && simulated.status !== 1n) {
        throw new RpcError('refused', `eth_simulateV1: ${simulated.error?.message ?? 'the call failed'}`);
      }
      return simulated?.logs;
    },
    send: async (signed) => {
      await ask('eth_sendRawTransaction', [`0x${Buffer.from(signed).toString('hex')}`], hash);
    },
    receipt: async (transactionHash) => {
      const receipt = await ask('eth_getTransactionReceipt', [transactionHash], receiptSchema);
      if (receipt === null) return undefined;
      const { blockNumber, blockHash, status, logs } = receipt;
      return { hash: receipt.transactionHash, blockNumber, blockHash, succeeded: status === 1n, logs };
    },
  };
}

function lacksMethod({ kind, rpcCode, message }: RpcError): boolean {
  return kind === 'refused' && (rpcCode === METHOD_NOT_FOUND || LACKS_METHOD.test(message));
}

function written({ from, to, value = 0n, data }: EvmCall) {
  return { from, to, value: hex(value), ...(data !== undefined && { data }) };
}

// More than any payout may use, and little enough that no contract can make the node's answer too long to be read.
const CALL_GAS = 1_000_000n;

function bounded(call: EvmCall) {
  return { ...written(call), gas: hex(CALL_GAS) };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
