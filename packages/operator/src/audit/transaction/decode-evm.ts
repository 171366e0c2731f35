import { decodeFunctionData, erc20Abi, getAddress, keccak256, parseTransaction, serializeTransaction } from 'viem';
import { type DecodedTransaction, type DecodedTransfer, DecodeError, type SignedIntent } from './signed-intent.ts';

/** An unsigned EIP-1559 transaction, as viem reads it. */
export function decodeEvm(intent: SignedIntent, bytes: Uint8Array): DecodedTransaction {
  const serialized = `0x02${Buffer.from(bytes.subarray(1)).toString('hex')}` as const;
  if (bytes[0] !== 2) throw new DecodeError('expected a transaction of EIP-1559');
  const transaction = parsed(serialized);
  if (serializeTransaction(transaction) !== serialized) throw new DecodeError('encoding it again gives other bytes');
  const { chainId, nonce = 0, value = 0n, data, accessList } = transaction;
  if (typeof transaction.to !== 'string') throw new DecodeError('expected a recipient');
  const to = getAddress(transaction.to);
  if (accessList !== undefined && accessList.length > 0) throw new DecodeError('expected no access list');
  const network = `eip155:${chainId}`;
  const transfer = transferOf(network, to, value, data);
  const own = transfer.destination.toLowerCase() === intent.account.toLowerCase();
  if (intent.purpose === 'cancel' && !(own && value === 0n && data === undefined)) {
    throw new DecodeError('a cancel that is no self-transfer of zero');
  }
  return {
    network,
    signingHash: keccak256(serialized).slice(2),
    lane: `${network}:${intent.account.toLowerCase()}:${nonce}`,
    transfers: intent.purpose === 'cancel' ? [] : [transfer],
  };
}

type Parsed = ReturnType<typeof parseTransaction<`0x02${string}`>>;

function parsed(serialized: `0x02${string}`): Parsed {
  try {
    return parseTransaction(serialized);
  } catch (cause) {
    throw new DecodeError('not the RLP of an unsigned transaction', { cause });
  }
}

function transferOf(network: string, to: string, value: bigint, data: `0x${string}` | undefined): DecodedTransfer {
  if (data === undefined || data === '0x') {
    return { destination: to, asset: `${network}/slip44:60`, amount: `${value}` };
  }
  if (value !== 0n) throw new DecodeError('expected no value beside the call of a token');
  const { functionName, args } = decodedCall(data);
  if (functionName !== 'transfer') throw new DecodeError(`expected transfer, got ${functionName}`);
  const [destination, amount] = args;
  return { destination, asset: `${network}/erc20:${to}`, amount: `${amount}` };
}

function decodedCall(data: `0x${string}`) {
  // A selector and two words: decoders ignore what stands behind.
  if (data.length !== 2 + 2 * 68) throw new DecodeError(`expected 68 bytes of calldata, got ${data.length / 2 - 1}`);
  try {
    return decodeFunctionData({ abi: erc20Abi, data });
  } catch (cause) {
    throw new DecodeError('the call of another method', { cause });
  }
}
