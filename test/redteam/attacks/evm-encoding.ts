import { hexToBytes, serializeTransaction } from 'viem/utils';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { encoded, fromHex, hexOf, itemsOf, withItems, withRaw } from '../forge/evm.ts';
import { bytesOf, carrying, evm } from '../forge/requests.ts';

type Forge = (good: Uint8Array, t: Attacker) => Uint8Array | Promise<Uint8Array>;

const run = (forge: Forge) => async (t: Attacker) => {
  const request = await evm(t);
  return t.sign(carrying(request, await forge(bytesOf(request), t)));
};

const refused = (code: string) => `TRANSACTION_MALFORMED ${code}`;
const MALFORMED = refused('MALFORMED_TRANSACTION');
const STRICT = 'strict RLP';

/** The same transfer as another type of transaction. */
const typed =
  (change: object): Forge =>
  (_, { world }) => {
    const to = hexOf(world.recipients.evm[0] ?? '');
    const common = { chainId: 31_337, nonce: 0, to, value: 1n, gas: 21_000n };
    return hexToBytes(serializeTransaction({ ...common, ...change } as Parameters<typeof serializeTransaction>[0]));
  };
const fees = { maxFeePerGas: 2n, maxPriorityFeePerGas: 1n };

/** Hands the treasury's address to code of the attacker's (EIP-7702). */
const delegation: Forge = (good, t) => {
  const address = hexOf(t.world.keys.tokenDeployer);
  const r = hexOf('11'.repeat(32));
  return typed({
    ...fees,
    type: 'eip7702',
    authorizationList: [{ address, chainId: 31_337, nonce: 0, r, s: r, yParity: 0 }],
  })(good, t);
};

const signedBefore: Forge = async (_, t) => {
  const { signedTransaction } = await t.prepare(await evm(t));
  return signedTransaction;
};

function nested(depth: number): string {
  let length = 0;
  const prefixes: string[] = [];
  for (let level = 0; level < depth; level++) {
    const digits = length.toString(16);
    const even = digits.length % 2 === 0 ? digits : `0${digits}`;
    const prefix = length < 56 ? (0xc0 + length).toString(16) : `${(0xf7 + even.length / 2).toString(16)}${even}`;
    prefixes.push(prefix);
    length += prefix.length / 2;
  }
  return prefixes.reverse().join('');
}

/** Other types of transaction, and more than one way to write one. */
export const EVM_ENCODING = attacks<Forge>('evm', 'C10', run, [
  ['evm-nothing', 'no bytes at all', 'type 2 alone', refused('UNKNOWN_TRANSACTION_TYPE'), () => new Uint8Array()],
  [
    'evm-hash',
    'a hash instead of a transaction',
    'type 2 alone',
    refused('UNKNOWN_TRANSACTION_TYPE'),
    () => new Uint8Array(32).fill(0xab),
  ],
  [
    'evm-legacy',
    'a legacy transaction',
    'type 2 alone',
    refused('LEGACY_TRANSACTION'),
    typed({ type: 'legacy', gasPrice: 1n }),
  ],
  [
    'evm-legacy-no-chain',
    'a legacy transaction without a chain id, valid on every chain',
    'type 2 alone',
    refused('LEGACY_TRANSACTION'),
    typed({ chainId: undefined, type: 'legacy', gasPrice: 1n }),
  ],
  [
    'evm-access-list-type',
    'a transaction of type 1',
    'type 2 alone',
    refused('ACCESS_LIST_TRANSACTION'),
    typed({ type: 'eip2930', gasPrice: 1n }),
  ],
  [
    'evm-blob',
    'a blob transaction, whose blob gas is paid too',
    'type 2 alone',
    refused('BLOB_TRANSACTION'),
    typed({ ...fees, type: 'eip4844', blobVersionedHashes: [hexOf(`01${'00'.repeat(31)}`)], maxFeePerBlobGas: 1n }),
  ],
  [
    'evm-set-code',
    'code of the attacker’s for the treasury’s address (EIP-7702)',
    'type 2 alone',
    refused('SET_CODE_TRANSACTION'),
    delegation,
  ],
  [
    'evm-personal-message',
    'a message to sign (EIP-191) instead of a transaction',
    'type 2 alone',
    refused('UNKNOWN_TRANSACTION_TYPE'),
    () => fromHex(`19${Buffer.from('Ethereum Signed Message:\n32').toString('hex')}${'ab'.repeat(32)}`),
  ],
  [
    'evm-typed-data',
    'a typed message to sign (EIP-712), such as a permit',
    'type 2 alone',
    refused('UNKNOWN_TRANSACTION_TYPE'),
    () => fromHex(`1901${'ab'.repeat(64)}`),
  ],
  [
    'evm-authorization',
    'an authorization to sign (EIP-7702), of its own',
    'type 2 alone',
    refused('UNKNOWN_TRANSACTION_TYPE'),
    (good) => good.with(0, 5),
  ],
  ['evm-type-0', 'type 0', 'type 2 alone', refused('UNKNOWN_TRANSACTION_TYPE'), (good) => good.with(0, 0)],
  [
    'evm-reserved',
    'the reserved type 0xff',
    'type 2 alone',
    refused('UNKNOWN_TRANSACTION_TYPE'),
    (good) => good.with(0, 0xff),
  ],
  [
    'evm-signed',
    'a transaction that is signed already, by the treasury',
    'nine fields',
    refused('ALREADY_SIGNED'),
    signedBefore,
  ],
  [
    'evm-empty-signature',
    'an empty signature, as a node’s own wallet would fill it',
    'nine fields',
    refused('ALREADY_SIGNED'),
    (good) => encoded([...itemsOf(good), '0x', '0x', '0x']),
  ],
  ['evm-ten-fields', 'a tenth field', 'nine fields', MALFORMED, (good) => encoded([...itemsOf(good), '0x01'])],
  ['evm-eight-fields', 'a field short', 'nine fields', MALFORMED, (good) => encoded(itemsOf(good).slice(0, 8))],
  ['evm-string', 'a string instead of a list', 'nine fields', MALFORMED, () => fromHex('0280')],
  ['evm-trailing', 'a byte after the end', STRICT, MALFORMED, (good) => Uint8Array.of(...good, 0)],
  ['evm-two', 'a second transaction after the first', STRICT, MALFORMED, (good) => Uint8Array.of(...good, ...good)],
  ['evm-truncated', 'the last byte gone', STRICT, MALFORMED, (good) => good.slice(0, -1)],
  [
    'evm-long-list',
    'the long form of a length for a short list',
    STRICT,
    MALFORMED,
    () => fromHex(`02f80a${'01'.repeat(10)}`),
  ],
  [
    'evm-long-string',
    'the long form of a length for the recipient',
    STRICT,
    MALFORMED,
    (good, { world }) => withRaw(good, 'to', `b814${(world.recipients.evm[0] ?? '').slice(2).toLowerCase()}`),
  ],
  [
    'evm-byte-prefix',
    'a single byte with a length before it',
    STRICT,
    MALFORMED,
    (good) => withRaw(good, 'nonce', '8107'),
  ],
  ['evm-length-64', 'a length of 2^64', STRICT, MALFORMED, () => fromHex(`02ff${'ff'.repeat(8)}`)],
  [
    'evm-zero-byte',
    'a value of zero written as a byte',
    'no leading zeros',
    refused('NOT_CANONICAL'),
    (good) => withRaw(good, 'value', '00'),
  ],
  [
    'evm-zero-nonce',
    'a leading zero before the nonce: another hash for the same transfer',
    'no leading zeros',
    refused('NOT_CANONICAL'),
    (good) => withRaw(good, 'nonce', '820001'),
  ],
  [
    'evm-zero-chain',
    'a leading zero before the chain id',
    'no leading zeros',
    refused('NOT_CANONICAL'),
    (good) => withRaw(good, 'chainId', '83007a69'),
  ],
  [
    'evm-chain-0',
    'chain id 0: before EIP-155, every chain',
    'integers in bounds',
    refused('INVALID_CHAIN_ID'),
    (good) => withItems(good, { chainId: '0x' }),
  ],
  [
    'evm-chain-2-64',
    'a chain id of 2^64 + 31337, which 64 bits cut down to ours',
    'integers in bounds',
    refused('INVALID_CHAIN_ID'),
    (good) => withItems(good, { chainId: '0x010000000000007a69' }),
  ],
  [
    'evm-nonce-last',
    'a nonce of 2^64 - 1',
    'integers in bounds',
    refused('INVALID_NONCE'),
    (good) => withItems(good, { nonce: '0xffffffffffffffff' }),
  ],
  [
    'evm-tip-above-fee',
    'a tip above the whole fee',
    'integers in bounds',
    refused('INVALID_FEE'),
    (good) => withItems(good, { fee: '0x01', tip: '0x02' }),
  ],
  [
    'evm-fee-33-bytes',
    'a fee of 33 bytes: 256 bits of it look cheap',
    'integers in bounds',
    refused('INVALID_FEE'),
    (good) => withItems(good, { fee: hexOf(`01${'00'.repeat(32)}`) }),
  ],
  [
    'evm-fee-overflow',
    'gas and fee whose product wraps around',
    'integers in bounds',
    refused('INVALID_FEE'),
    (good) => withItems(good, { fee: hexOf('ff'.repeat(32)), gas: '0x5208' }),
  ],
  [
    'evm-gas-2-64',
    'a gas limit of 2^64',
    'integers in bounds',
    refused('INVALID_GAS_LIMIT'),
    (good) => withItems(good, { gas: '0x010000000000000000' }),
  ],
  [
    'evm-value-2-256',
    'a value of 2^256, which wraps to nothing',
    'integers in bounds',
    refused('INVALID_AMOUNT'),
    (good) => withItems(good, { value: hexOf(`01${'00'.repeat(32)}`) }),
  ],
  [
    'evm-value-100-kib',
    'a value of 100,000 digits',
    'integers in bounds',
    refused('INVALID_AMOUNT'),
    (good) => withItems(good, { value: hexOf('11'.repeat(50_000)) }),
  ],
  [
    'evm-create',
    'the creation of a contract, with the value as its endowment',
    'a recipient of 20 bytes',
    refused('CONTRACT_CREATION'),
    (good) => withItems(good, { to: '0x', data: '0x6001' }),
  ],
  [
    'evm-to-19',
    'a recipient of 19 bytes',
    'a recipient of 20 bytes',
    refused('INVALID_ADDRESS'),
    (good, { world }) => withItems(good, { to: hexOf((world.recipients.evm[0] ?? '').slice(4)) }),
  ],
  [
    'evm-to-word',
    'a recipient as a word of 32 bytes',
    'a recipient of 20 bytes',
    refused('INVALID_ADDRESS'),
    (good, { world }) =>
      withItems(good, { to: hexOf(`${'00'.repeat(12)}${(world.recipients.evm[0] ?? '').slice(2)}`) }),
  ],
  [
    'evm-data',
    'a byte of calldata with the value',
    'one method',
    refused('UNSUPPORTED_CALLDATA'),
    (good) => withItems(good, { data: '0x00' }),
  ],
  [
    'evm-access-list',
    'an access list: gas for slots that nobody touches',
    'an empty access list',
    refused('UNSUPPORTED_ACCESS_LIST'),
    (good, { world }) => withItems(good, { accessList: [[hexOf(world.keys.evm.address), [hexOf('00'.repeat(32))]]] }),
  ],
  [
    'evm-access-string',
    'an access list that is a string',
    'an empty access list',
    refused('UNSUPPORTED_ACCESS_LIST'),
    (good) => withItems(good, { accessList: '0x' }),
  ],
  [
    'evm-access-nested',
    'an access list of an empty list',
    'an empty access list',
    refused('UNSUPPORTED_ACCESS_LIST'),
    (good) => withItems(good, { accessList: [[]] }),
  ],
  [
    'evm-list-for-bytes',
    'a list where the value belongs',
    'bytes where bytes belong',
    MALFORMED,
    (good) => withItems(good, { value: [] }),
  ],
  ['evm-nested', 'lists in lists, 30,000 deep', STRICT, MALFORMED, () => fromHex(`02${nested(30_000)}`)],
  [
    'evm-100k-items',
    'a list of 100,000 items',
    'nine fields',
    MALFORMED,
    () => fromHex(`02fa0186a0${'80'.repeat(100_000)}`),
  ],
  [
    'evm-128-kib',
    'more than 128 KiB',
    'size of a transaction',
    refused('TRANSACTION_TOO_LARGE'),
    () => new Uint8Array(128 * 1024 + 1),
  ],
]);
