import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { StrKey } from '@stellar/stellar-sdk/base';
import { decode, encode, initSync } from '@stellar/stellar-xdr-json';
import fc from 'fast-check';
import { type AssetId, type ChainId, issuedAsset, nativeAsset, parseAssetId, stellarChainId } from '../src/caip.ts';
import type { StellarPayment, StellarPayout } from '../src/stellar/build.ts';
import { decodeStellarTransaction, type StellarOperation, type StellarTransaction } from '../src/stellar/decode.ts';
import type { SequenceRange } from '../src/stellar/lane.ts';
import type { StellarMemo } from '../src/transfer.ts';

export const STANDALONE = 'Standalone Network ; February 2017';
export const XLM = nativeAsset(stellarChainId(STANDALONE));
export const MAX_INT64 = 2n ** 63n - 1n;
const MAX_UINT64 = 2n ** 64n - 1n;
const LAST_SEQUENCE = 2n ** 63n - 1024n;

initSync(readFileSync(createRequire(import.meta.url).resolve('@stellar/stellar-xdr-json/stellar_xdr_json_bg.wasm')));

/** What the Rust XDR library (WASM) reads in an envelope or another type; throws where it reads none. */
export function rustDecode(bytes: Uint8Array, type = 'TransactionEnvelope'): unknown {
  return JSON.parse(decode(type, Buffer.from(bytes).toString('base64')));
}

/** The bytes that the Rust XDR library writes. */
export function rustEncode(json: unknown, type = 'TransactionEnvelope'): Uint8Array {
  return new Uint8Array(Buffer.from(encode(type, JSON.stringify(json)), 'base64'));
}

/** Whether the Rust XDR library reads these bytes and writes them again: it takes any bool but 0 for true. */
export function rustCanonical(bytes: Uint8Array, type = 'TransactionEnvelope'): boolean {
  try {
    return Buffer.compare(rustEncode(rustDecode(bytes, type), type), bytes) === 0;
  } catch {
    return false;
  }
}

/** An envelope of classic operations, decoded. */
export function decodeClassic(networkPassphrase: string, envelope: Uint8Array): StellarTransaction {
  const transaction = decodeStellarTransaction(networkPassphrase, envelope);
  if (transaction.kind !== 'stellar') throw new Error(`no classic transaction: ${transaction.kind}`);
  return transaction;
}

export function account(seed: number): string {
  return StrKey.encodeEd25519PublicKey(new Uint8Array(32).fill(seed));
}

export function contract(seed: number): string {
  return StrKey.encodeContract(new Uint8Array(32).fill(seed));
}

export function muxed(seed: number, id: bigint): string {
  const bytes = new Uint8Array(40).fill(seed);
  new DataView(bytes.buffer).setBigUint64(32, id);
  return StrKey.encodeMed25519PublicKey(bytes);
}

export function payoutOf(changes: Partial<StellarPayout> = {}): StellarPayout {
  return {
    networkPassphrase: STANDALONE,
    channel: account(1),
    sequence: 5_000_000n,
    treasury: account(2),
    fee: 300n,
    maxTime: 1_800_000_000n,
    payments: [
      { destination: account(3), asset: XLM, amount: 125_000_000n, createAccount: false },
      { destination: account(4), asset: XLM, amount: 10_000_000n, createAccount: true },
    ],
    ...changes,
  };
}

const plain = { noNullPrototype: true };
export const publicKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
export const plainAddress = publicKey.map((bytes) => StrKey.encodeEd25519PublicKey(bytes));
export const contractAddress = publicKey.map((bytes) => StrKey.encodeContract(bytes));
const muxedAddress = fc
  .uint8Array({ minLength: 40, maxLength: 40 })
  .map((bytes) => StrKey.encodeMed25519PublicKey(bytes));
const amount = fc.bigInt({ min: 1n, max: MAX_INT64 });
export const assetCode = fc.string({
  unit: fc.constantFrom(...'ABCXYZabcxyz0189'),
  minLength: 1,
  maxLength: 12,
});
/** An asset of whichever chain. */
const classicAsset: fc.Arbitrary<(chain: ChainId) => AssetId> = fc.oneof(
  fc.constant(nativeAsset),
  fc.tuple(assetCode, plainAddress).map(
    ([code, issuer]) =>
      (chain: ChainId) =>
        issuedAsset(chain, code, issuer),
  ),
);
const destination = fc.oneof(plainAddress, muxedAddress);
const payment: fc.Arbitrary<(chain: ChainId) => StellarPayment> = fc.oneof(
  fc.tuple(destination, classicAsset, amount).map(([destination, asset, amount]) => (chain: ChainId) => {
    return { destination, asset: asset(chain), amount, createAccount: false };
  }),
  fc.tuple(plainAddress, amount).map(([destination, amount]) => (chain: ChainId) => {
    return { destination, asset: nativeAsset(chain), amount, createAccount: true };
  }),
);
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const memoText = fc
  .string({ unit: 'binary', maxLength: 28 })
  .filter((text) => text.isWellFormed() && Buffer.byteLength(text) <= 28);
const memo: fc.Arbitrary<StellarMemo> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), value: memoText }, plain),
  fc.record({ type: fc.constant('id' as const), value: fc.bigInt({ min: 0n, max: MAX_UINT64 }) }, plain),
  fc.record({ type: fc.constantFrom('hash' as const, 'return' as const), value: bytes32 }, plain),
);

export const anyPayout: fc.Arbitrary<StellarPayout> = fc
  .record({
    networkPassphrase: fc.oneof(fc.constant(STANDALONE), fc.string({ minLength: 1, unit: 'grapheme' })),
    channel: plainAddress,
    sequence: fc.bigInt({ min: 1n, max: LAST_SEQUENCE }),
    treasury: plainAddress,
    fee: fc.bigInt({ min: 1n, max: 2n ** 32n - 1n }),
    maxTime: fc.bigInt({ min: 1n, max: MAX_UINT64 }),
    payments: fc.oneof(
      { weight: 19, arbitrary: fc.array(payment, { minLength: 1, maxLength: 4 }) },
      { weight: 1, arbitrary: fc.array(payment, { minLength: 90, maxLength: 99 }) },
    ),
    memo: fc.option(memo, { nil: undefined }),
  })
  .map(({ memo, payments, ...rest }) => {
    const chain = stellarChainId(rest.networkPassphrase);
    return { ...rest, payments: payments.map((onChain) => onChain(chain)), ...(memo && { memo }) };
  });

/** What a decoder must say of the transaction that is built from this input. */
export function transactionOf(input: StellarPayout, hash: Uint8Array, lane: SequenceRange): StellarTransaction {
  const chain = stellarChainId(input.networkPassphrase);
  const payments = input.payments.map(({ destination, asset, amount, createAccount }) => ({
    type: createAccount ? ('createAccount' as const) : ('payment' as const),
    source: input.treasury,
    destination,
    asset,
    amount,
  }));
  return {
    kind: 'stellar',
    chain,
    hash,
    source: input.channel,
    sequence: input.sequence,
    fee: input.fee,
    minTime: 0n,
    maxTime: input.maxTime,
    ...(input.memo && { memo: input.memo }),
    operations: [...payments, { type: 'bumpSequence', bumpTo: lane.end }],
  };
}

/** The Rust library's JSON (SEP-51) for what our decoder says, built from its answer alone. */
export function jsonOf(transaction: StellarTransaction): unknown {
  return {
    tx: {
      tx: {
        source_account: transaction.source,
        fee: Number(transaction.fee),
        seq_num: `${transaction.sequence}`,
        cond: { time: { min_time: `${transaction.minTime}`, max_time: `${transaction.maxTime}` } },
        memo: memoJson(transaction.memo),
        operations: transaction.operations.map((operation) => ({
          source_account: operation.source ?? null,
          body: bodyJson(operation),
        })),
        ext: 'v0',
      },
      signatures: [],
    },
  };
}

function bodyJson(operation: StellarOperation): unknown {
  switch (operation.type) {
    case 'payment':
      return {
        payment: {
          destination: operation.destination,
          asset: assetJson(operation.asset),
          amount: `${operation.amount}`,
        },
      };
    case 'createAccount':
      return { create_account: { destination: operation.destination, starting_balance: `${operation.amount}` } };
    case 'bumpSequence':
      return { bump_sequence: { bump_to: `${operation.bumpTo}` } };
  }
}

/** An asset as the Rust library writes it. */
export function assetJson(id: AssetId): unknown {
  const asset = parseAssetId(id);
  if (asset.kind === 'native') return 'native';
  if (asset.kind !== 'issued') throw new Error(`no classic asset: ${id}`);
  const { code, issuer } = asset;
  return { [code.length <= 4 ? 'credit_alphanum4' : 'credit_alphanum12']: { asset_code: code, issuer } };
}

/** A memo as the Rust library writes it. */
export function memoJson(memo: StellarMemo | undefined): unknown {
  if (memo === undefined) return 'none';
  switch (memo.type) {
    case 'text':
      return { text: escaped(Buffer.from(memo.value)) };
    case 'id':
      return { id: `${memo.value}` };
    default:
      return { [memo.type]: Buffer.from(memo.value).toString('hex') };
  }
}

function escaped(bytes: Uint8Array): string {
  const short = new Map([
    [0, '\\0'],
    [9, '\\t'],
    [10, '\\n'],
    [13, '\\r'],
    [92, '\\\\'],
  ]);
  return Array.from(bytes, (byte) => {
    const printable =
      byte >= 32 && byte <= 126 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
    return short.get(byte) ?? printable;
  }).join('');
}
