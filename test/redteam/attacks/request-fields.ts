import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { MemoSchema, Purpose, type SignTransactionRequest } from '@countersign/contract/signer';
import { attacks } from '../attack.ts';
import type { Attacker } from '../attacker.ts';
import { assets, declaring, evm, stellar } from '../forge/requests.ts';

type Forge = (t: Attacker) => SignTransactionRequest | Promise<SignTransactionRequest>;

const run = (forge: Forge) => async (t: Attacker) => t.sign(await forge(t));
const FIELD = 'INVALID_REQUEST FIELD_INVALID';

/** A good payment of which one field is something else. */
const field =
  (change: Partial<SignTransactionRequest>): Forge =>
  (t) => ({ ...stellar(t), ...change });
const payout =
  (change: Parameters<typeof declaring>[1]): Forge =>
  (t) =>
    declaring(stellar(t), change);
const memo = (kind: NonNullable<MessageInitShape<typeof MemoSchema>['kind']>) =>
  payout({ memo: create(MemoSchema, { kind }) });
const amount = (text: string) => payout({ amount: text });

const manyPayouts: Forge = (t) => {
  const request = stellar(t);
  const [declared] = request.payouts;
  if (declared === undefined) throw new Error('not as built');
  return { ...request, payouts: Array.from({ length: 100 }, () => ({ ...declared, payoutId: t.payout() })) };
};

const twice: Forge = (t) => {
  const request = stellar(t);
  return { ...request, payouts: [...request.payouts, ...request.payouts] };
};

// A key id of JavaScript's own making must not find what stands on every object.
const IDS = 'ids of known characters';
const KEYS = 'registered keys alone';
const AMOUNTS = 'amounts in one spelling';
const ADDRESSES = 'addresses with their checksum';
const ASSETS = 'one id an asset';
const MEMOS = 'memos that the chain can hold';

/** What stands beside the transaction. */
export const REQUEST_FIELDS = attacks<Forge>('request', 'C7', run, [
  ['request-id-empty', 'no request id: nothing to find it by', IDS, FIELD, field({ requestId: '' })],
  ['request-id-long', 'a request id of 65 characters', IDS, FIELD, field({ requestId: 'a'.repeat(65) })],
  [
    'request-id-newline',
    'a line break in a request id: a line of the attacker’s in the log',
    IDS,
    FIELD,
    field({ requestId: 'a\nsigned by=operator' }),
  ],
  ['request-id-homoglyph', 'a letter of another alphabet', IDS, FIELD, field({ requestId: 'аt_1' })],
  ['request-id-quote', 'SQL in a request id', IDS, FIELD, field({ requestId: "'); drop table payouts;--" })],
  ['request-id-override', 'a right-to-left override', IDS, FIELD, field({ requestId: 'at_\u202e1' })],
  [
    'request-id-megabyte',
    'a request id of 100 KB, to fill the audit log',
    IDS,
    FIELD,
    field({ requestId: 'x'.repeat(100_000) }),
  ],
  ['payout-id-empty', 'no payout id', IDS, FIELD, payout({ payoutId: '' })],
  ['payout-id-nul', 'a NUL in a payout id', IDS, FIELD, payout({ payoutId: 'po\0' })],
  [
    'payout-id-space',
    'a payout id with a space after it: a second one for the same payout',
    IDS,
    FIELD,
    payout({ payoutId: 'po_1 ' }),
  ],
  ['payout-id-twice', 'one payout id twice in a batch', 'no payout id twice', FIELD, twice],
  ['payout-100', '100 payouts, more than operations have room for', 'at most 99 payouts', FIELD, manyPayouts],
  ['key-unknown', 'a key that is not there', KEYS, 'KEY_NOT_FOUND', field({ keyId: 'treasury-gold' })],
  ['key-prototype', 'the key `constructor`', KEYS, 'KEY_NOT_FOUND', field({ keyId: 'constructor' })],
  ['key-proto', 'the key `__proto__`', KEYS, 'KEY_NOT_FOUND', field({ keyId: '__proto__' })],
  ['key-alias', 'the alias of the key in KMS', IDS, FIELD, field({ keyId: 'alias/treasury-stellar' })],
  ['key-case', 'the key in capitals', KEYS, 'KEY_NOT_FOUND', field({ keyId: 'TREASURY-STELLAR' })],
  [
    'key-of-other-curve',
    'a Stellar payment by the key for EVM',
    'a key of the chain’s curve',
    FIELD,
    field({ keyId: 'treasury-evm' }),
  ],
  [
    'key-of-other-curve-evm',
    'an EVM transfer by the key for Stellar',
    'a key of the chain’s curve',
    FIELD,
    async (t) => ({ ...(await evm(t)), keyId: 'treasury-stellar' }),
  ],
  ['purpose-none', 'no purpose', 'known purposes', FIELD, field({ purpose: Purpose.UNSPECIFIED })],
  ['purpose-unknown', 'a purpose of a version to come', 'known purposes', FIELD, field({ purpose: 99 as Purpose })],
  ['transaction-none', 'no transaction', 'a transaction', FIELD, field({ transaction: { case: undefined } })],
  ['amount-text-0', 'an amount of 0', AMOUNTS, FIELD, amount('0')],
  ['amount-text-negative', 'an amount of -1', AMOUNTS, FIELD, amount('-10000000')],
  ['amount-text-zeros', 'a leading zero: octal to one reader', AMOUNTS, FIELD, amount('010000000')],
  ['amount-text-exponent', 'an exponent', AMOUNTS, FIELD, amount('1e7')],
  ['amount-text-point', 'a point', AMOUNTS, FIELD, amount('10000000.0')],
  ['amount-text-hex', 'hex digits', AMOUNTS, FIELD, amount('0x989680')],
  ['amount-text-space', 'a space', AMOUNTS, FIELD, amount(' 10000000')],
  ['amount-text-other-digits', 'digits of another script', AMOUNTS, FIELD, amount('１００００００００')],
  ['amount-text-newline', 'a line break after the number', AMOUNTS, FIELD, amount('10000000\n')],
  ['amount-text-79', '79 digits', AMOUNTS, FIELD, amount('9'.repeat(79))],
  ['amount-text-huge', '100,000 digits, which take their time to convert', AMOUNTS, FIELD, amount('9'.repeat(100_000))],
  [
    'destination-seed',
    'a secret seed where the address belongs',
    ADDRESSES,
    'INVALID_REQUEST INVALID_ADDRESS',
    (t) => declaring(stellar(t), { destination: t.world.keys.admin.secret() }),
  ],
  [
    'destination-checksum',
    'an address with one letter changed',
    ADDRESSES,
    'INVALID_REQUEST INVALID_ADDRESS',
    (t) => declaring(stellar(t), { destination: `${(t.world.recipients.stellar[0] ?? '').slice(0, -1)}?` }),
  ],
  [
    'destination-evm-on-stellar',
    'an EVM address on Stellar',
    ADDRESSES,
    'INVALID_REQUEST INVALID_ADDRESS',
    (t) => declaring(stellar(t), { destination: t.world.keys.evm.address }),
  ],
  [
    'destination-evm-checksum',
    'an EVM address whose letters have the wrong case',
    ADDRESSES,
    'INVALID_REQUEST INVALID_ADDRESS',
    async (t) => {
      const request = await evm(t);
      const [{ destination = '' } = {}] = request.payouts;
      const other = destination
        .slice(2)
        .replace(/[a-fA-F]/, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()));
      return declaring(request, { destination: `0x${other}` });
    },
  ],
  [
    'asset-coin-of-other-chain',
    'lumens as coin type 60',
    ASSETS,
    'INVALID_REQUEST UNKNOWN_ASSET',
    payout({ asset: 'stellar:standalone/slip44:60' }),
  ],
  [
    'asset-named-digest',
    'the digest of a network that has a name: a second id for lumens',
    ASSETS,
    'INVALID_REQUEST UNKNOWN_ASSET',
    payout({ asset: 'stellar:baefd734b8d3e48472cff83912375fed/slip44:148' }),
  ],
  [
    'asset-leading-zero',
    'a chain id with a leading zero: a second id for ether',
    ASSETS,
    'INVALID_REQUEST UNKNOWN_ASSET',
    async (t) => declaring(await evm(t), { asset: 'eip155:031337/slip44:60' }),
  ],
  [
    'asset-no-issuer',
    'an asset without its issuer',
    ASSETS,
    'INVALID_REQUEST UNKNOWN_ASSET',
    payout({ asset: 'stellar:standalone/asset:USDC' }),
  ],
  [
    'asset-issuer-case',
    'an issuer in small letters',
    ASSETS,
    'INVALID_REQUEST UNKNOWN_ASSET',
    (t) =>
      declaring(stellar(t), {
        asset: assets(t).stellarUsdc.replace(/G[A-Z2-7]{55}/, (issuer) => issuer.toLowerCase()),
      }),
  ],
  [
    'asset-zero-token',
    'a token at the zero address',
    ASSETS,
    'INVALID_REQUEST UNKNOWN_ASSET',
    async (t) => declaring(await evm(t), { asset: `eip155:31337/erc20:0x${'0'.repeat(40)}` }),
  ],
  [
    'asset-long',
    'an asset id of 100 KB',
    ASSETS,
    'INVALID_REQUEST UNKNOWN_ASSET',
    payout({ asset: `stellar:standalone/asset:${'A'.repeat(100_000)}` }),
  ],
  [
    'memo-29-bytes',
    'a memo of 29 bytes, 10 of them one letter',
    MEMOS,
    FIELD,
    memo({ case: 'text', value: `${'a'.repeat(25)}😀` }),
  ],
  ['memo-nul', 'a NUL in a memo: one reader ends there', MEMOS, FIELD, memo({ case: 'text', value: 'you\0me' })],
  ['memo-hash-31', 'a hash of 31 bytes', MEMOS, FIELD, memo({ case: 'hash', value: new Uint8Array(31) })],
  ['memo-none', 'a memo without a kind', MEMOS, FIELD, payout({ memo: create(MemoSchema) })],
  [
    'lowest-nonce',
    'a lowest open nonce beyond the last there is',
    'nonces below 2^64 - 1',
    FIELD,
    async (t) => {
      const request = await evm(t);
      if (request.transaction.case !== 'evm') throw new Error('not as built');
      return {
        ...request,
        transaction: { case: 'evm', value: { ...request.transaction.value, lowestOpenNonce: 2n ** 64n - 1n } },
      };
    },
  ],
]);
