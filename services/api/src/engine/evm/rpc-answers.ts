import { z } from 'zod';

/** What a contract wrote down. In lower case, 0x… */
export interface EvmLog {
  /** Of the contract. */
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface Receipt {
  readonly hash: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly succeeded: boolean;
  readonly logs: readonly EvmLog[];
}

export const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,64}$/i)
  .transform(BigInt);
export const hash = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i)
  .transform((text) => text.toLowerCase());

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i)
  .transform((text) => text.toLowerCase());
export const bytes = z
  .string()
  .regex(/^0x([0-9a-f]{2})*$/i)
  .transform((text) => text.toLowerCase());

const logSchema = z.object({ address, topics: z.array(hash).max(4), data: bytes });
export const blockSchema = z.object({ number: quantity, hash, baseFeePerGas: quantity });
export const receiptSchema = z
  .object({
    transactionHash: hash,
    blockNumber: quantity,
    blockHash: hash,
    status: quantity,
    logs: z.array(logSchema),
  })
  .nullable();
const simulatedCall = z.object({
  status: quantity,
  logs: z.array(logSchema),
  error: z.object({ message: z.string() }).nullish(),
});
// One block with one call was asked for.
export const simulationSchema = z.tuple([z.object({ calls: z.tuple([simulatedCall]) })]);
