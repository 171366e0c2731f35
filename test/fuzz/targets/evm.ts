import { buildEvmTransfer } from '@countersign/chains/evm/build';
import { decodeEvmTransaction, type EvmTransaction } from '@countersign/chains/evm/decode';
import { encoded, itemsOf, transferOf, viemEncode } from '@countersign/chains/testing/evm';
import { bytesToHex, decodeFunctionData, erc20Abi, keccak256, parseTransaction, serializeTransaction } from 'viem';
import { mutateBytes } from '../bytes.ts';
import { readByViem } from '../oracle/read-by-viem.ts';
import type { Random } from '../random.ts';
import { mutateRlp, readRlp, writeRlp } from '../rlp.ts';
import { demand, outcomeOf, type Target } from '../target.ts';
import { refusalOf } from './stellar.ts';

const TOKEN = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
const valid = [
  transferOf(),
  transferOf({ nonce: 0n, amount: 0n, maxPriorityFeePerGas: 0n }),
  transferOf({ amount: 2n ** 256n - 1n, gasLimit: 2n ** 40n, maxFeePerGas: 2n ** 200n }),
  transferOf({ token: TOKEN }),
  transferOf({ token: TOKEN, amount: 2n ** 256n - 1n }),
].map((input) => buildEvmTransfer(input).unsigned);
// Other kinds, to take parts from; one of them comes out whole now and then.
const others = [
  encoded([...itemsOf(transferOf()), '0x01', `0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`]),
  encoded(itemsOf(transferOf(), { 8: [[TOKEN, [`0x${'00'.repeat(32)}`]]] })),
  encoded(itemsOf(transferOf(), { 5: '0x', 7: '0x6001600155' })),
  encoded(itemsOf(transferOf(), { 7: `0x095ea7b3${'00'.repeat(64)}` })),
  ...[
    serializeTransaction({ type: 'legacy', chainId: 1, to: TOKEN, value: 1n, gas: 21_000n, gasPrice: 1n, nonce: 0 }),
  ].map((text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))),
];
const SELECTORS = ['a9059cbb', '095ea7b3', '23b872dd', 'd505accf', 'ac9650d8', '40c10f19', '00000000'];

/** Unsigned type-2 transactions, by viem. */
export const evmTransactions: Target = {
  name: 'evm transaction',
  seeds: valid,
  maxLength: 130 * 1024,
  leastAccepted: 50,
  leastReasons: 15,
  mutate: (random, input, corpus) => {
    const sources = [...corpus, ...others];
    if (random.once(200)) return random.pick(others);
    if (random.once(500)) return hostile(random);
    if (random.once(3)) return mutateBytes(random, input, sources);
    return mutateItems(random, input);
  },
  execute: (input) =>
    outcomeOf(() => decodeEvmTransaction(input), refusalOf, {
      accepted: (answer) => ({
        kind: answer.value === 0n ? 'token' : 'native',
        verify: () => {
          demand(Buffer.compare(viemEncode(answer), input) === 0, 'there is more in it than we say');
          demand(bytesToHex(answer.signingHash) === keccak256(input), 'the hash is another one');
          sameMeaning(answer, input);
        },
      }),
      refused: (reason) => {
        if (/^(MALFORMED_TRANSACTION|NOT_CANONICAL) /.test(reason))
          demand(!viemWritesTheSame(input), `refused as ${reason}, but viem reads it and writes the same`);
      },
    }),
};

/** Changes fields of an EVM transaction, written canonically but where the change is a spelling. */
export function mutateItems(random: Random, input: Uint8Array): Uint8Array {
  const [root] = readRlp(input.subarray(1));
  const fields = root !== undefined && 'list' in root ? root.list : [];
  let changed = fields;
  for (let left = random.pick([1, 1, 1, 2, 3]); left > 0; left--) changed = mutateRlp(random, changed);
  const data = changed[7];
  if (data !== undefined && 'bytes' in data && data.bytes.length > 4 && random.once(8)) {
    const bytes = Buffer.concat([Buffer.from(random.pick(SELECTORS), 'hex'), data.bytes.subarray(4)]);
    changed = changed.with(7, { bytes });
  }
  const type = random.once(50) ? random.below(256) : (input[0] ?? 2);
  return Uint8Array.of(type, ...writeRlp({ list: changed, ...(random.once(60) && { spelling: 'long' as const }) }));
}

/** Long inputs that cost a careless parser time, memory or its stack. */
function hostile(random: Random): Uint8Array {
  const length = random.pick([1_000, 30_000, 120_000]);
  const items = random.pick([0x80, 0xc0, 0x00, 0xf7, 0xff]);
  if (random.once(2)) return Uint8Array.of(2, ...writeRlp({ bytes: new Uint8Array(length).fill(items) }));
  const list = Buffer.concat([
    Uint8Array.of(2, 0xfa, length >> 16, (length >> 8) & 255, length & 255),
    Buffer.alloc(length, items),
  ]);
  return new Uint8Array(list);
}

function sameMeaning(answer: EvmTransaction, input: Uint8Array): void {
  const read = readByViem(input);
  const { transfer } = answer;
  const native = transfer.asset === `eip155:${answer.chainId}/slip44:60`;
  const pairs: [string, unknown, unknown][] = [
    ['chain id', answer.chainId, read.chainId],
    ['nonce', answer.nonce, read.nonce],
    ['gas', answer.gasLimit, read.gas ?? 0n],
    ['fee', answer.maxFeePerGas, read.maxFeePerGas ?? 0n],
    ['tip', answer.maxPriorityFeePerGas, read.maxPriorityFeePerGas ?? 0n],
    ['to', answer.to.toLowerCase(), read.to?.toLowerCase()],
    ['value', answer.value, read.value ?? 0n],
    ['access list', 0, read.accessList?.length ?? 0],
  ];
  if (native) {
    pairs.push(['destination', transfer.destination, answer.to], ['amount', transfer.amount, read.value ?? 0n]);
    pairs.push(['data', undefined, read.data]);
  } else {
    const { functionName, args } = decodeFunctionData({ abi: erc20Abi, data: read.data ?? '0x' });
    pairs.push(['function', 'transfer', functionName], ['asset', transfer.asset, `${answer.chain}/erc20:${answer.to}`]);
    pairs.push(['destination', transfer.destination, args?.[0]], ['amount', transfer.amount, args?.[1]]);
  }
  for (const [field, said, theirs] of pairs) demand(said === theirs, `${field}: we say ${said}, viem reads ${theirs}`);
}

function viemWritesTheSame(input: Uint8Array): boolean {
  try {
    const read = parseTransaction(bytesToHex(input));
    if (read.type !== 'eip1559' || !/^0x[0-9a-f]{40}$/.test(read.to ?? '')) return false;
    return serializeTransaction(read) === bytesToHex(input);
  } catch {
    return false;
  }
}
