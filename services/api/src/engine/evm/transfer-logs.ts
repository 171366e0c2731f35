import { pad } from 'viem/utils';
import type { EvmLog } from './rpc-answers.ts';

/** A movement of a token, as it should be. Addresses in any case, `value` in smallest units. */
export interface TokenTransfer {
  /** The contract. */
  readonly token: string;
  readonly from: string;
  readonly to: string;
  readonly value: bigint;
}

/**
 * What logs say of a transfer.
 * - `exact`: it happened, once, and nothing beside it
 * - `missing`: nothing of the kind happened
 * - `different`: something else happened; `found` says what, for people
 */
export type TransferVerdict =
  | { readonly kind: 'exact' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'different'; readonly found: string };

/** Keccak-256 of `Transfer(address,address,uint256)` (EIP-20). */
const TRANSFER_TOPIC = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const WORD = /^0x[0-9a-f]{64}$/;
const ADDRESS_WORD = /^0x0{24}[0-9a-f]{40}$/;

/**
 * Looks for the transfer in the logs of a transaction. Logs of other contracts never count.
 *
 * @param parties `ours`: transfers between others do not count, `all`: they are differences
 */
export function judgeTransfers(
  logs: readonly EvmLog[],
  { token, from, to, value }: TokenTransfer,
  parties: 'ours' | 'all',
): TransferVerdict {
  const [sender, receiver] = [word(from), word(to)];
  const counted = logs
    .filter(({ address, topics }) => address === token.toLowerCase() && topics[0] === TRANSFER_TOPIC)
    // One that cannot be read may be ours.
    .filter((log) => parties === 'all' || !isReadable(log) || log.topics[1] === sender);
  const [only] = counted;
  if (only === undefined) return { kind: 'missing' };
  const { topics, data } = only;
  const exact = counted.length === 1 && topics[1] === sender && topics[2] === receiver;
  if (exact && isReadable(only) && BigInt(data) === value) return { kind: 'exact' };
  return { kind: 'different', found: counted.map(describe).join('; ') };
}

/** As EIP-20 has it: both parties indexed, the value alone in the data. */
function isReadable({ topics, data }: EvmLog): boolean {
  return topics.length === 3 && topics.slice(1).every((topic) => ADDRESS_WORD.test(topic)) && WORD.test(data);
}

function describe(log: EvmLog): string {
  const { topics, data } = log;
  if (!isReadable(log)) return `${topics.length} topics and data of ${data.length / 2 - 1} bytes`;
  const [from, to] = topics.slice(1).map((topic) => `0x${topic.slice(26)}`);
  return `${BigInt(data)} from ${from} to ${to}`;
}

/** An address as a topic: the last 20 of 32 bytes. */
function word(address: string): string {
  return pad(`0x${address.slice(2).toLowerCase()}`, { size: 32 });
}
