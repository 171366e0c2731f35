import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { TransactionError } from '@countersign/chains/error';
import { buildAuthorization, buildInvocation, buildStellarPayout } from '@countersign/chains/stellar/build';
import { decodeAuthorization, decodeStellarTransaction } from '@countersign/chains/stellar/decode';
import {
  authorizationOf,
  entryJson,
  invocationJson,
  invocationOf,
  preimageHash,
  signedEntry,
} from '@countersign/chains/testing/soroban';
import {
  account,
  contract,
  jsonOf,
  muxed,
  payoutOf,
  rustCanonical,
  rustDecode,
  rustEncode,
  STANDALONE,
  XLM,
} from '@countersign/chains/testing/stellar';
import { demand, outcomeOf, type Target } from '../target.ts';
import { ENTRY_PARTS, OPERATIONS, TRANSACTION_PARTS } from './stellar-parts.ts';
import { xdrMutator } from './xdr-mutator.ts';

const ENVELOPE = 'TransactionEnvelope';
const ENTRY = 'SorobanAuthorizationEntry';
const USD = `stellar:standalone/asset:USD-${account(8)}` as typeof XLM;
const LONG = `stellar:standalone/asset:LONGCODE12-${account(8)}` as typeof XLM;

const payments = [
  { destination: muxed(3, 7n), asset: XLM, amount: 5n, createAccount: false },
  { destination: account(4), asset: XLM, amount: 6n, createAccount: true },
  { destination: account(5), asset: USD, amount: 7n, createAccount: false },
  { destination: account(6), asset: LONG, amount: 2n ** 63n - 1n, createAccount: false },
];
const envelopes = [
  buildStellarPayout(payoutOf()),
  buildStellarPayout(payoutOf({ payments, memo: { type: 'text', value: 'hello' } })),
  buildStellarPayout(payoutOf({ payments: payments.slice(0, 1), memo: { type: 'id', value: 7n } })),
  buildStellarPayout(
    payoutOf({ payments: new Array(99).fill(payments[2]), memo: { type: 'hash', value: new Uint8Array(32) } }),
  ),
  buildInvocation(invocationOf()),
  buildInvocation(invocationOf({ authorization: signedEntry({ destination: contract(3), amount: 2n ** 127n - 1n }) })),
].map(({ envelope }) => envelope);
const entries = [
  authorizationOf(),
  authorizationOf({ destination: contract(3), amount: 2n ** 127n - 1n, nonce: 2n ** 63n - 1n }),
].map((input) => buildAuthorization(input).entry);

/** Unsigned envelopes, by `@stellar/stellar-xdr-json`: the XDR of stellar-core's Rust half, compiled to WASM. */
export const stellarEnvelopes: Target = {
  name: 'stellar envelope',
  seeds: envelopes,
  maxLength: 34 * 1024,
  leastAccepted: 50,
  leastReasons: 15,
  mutate: xdrMutator(ENVELOPE, envelopes, [TRANSACTION_PARTS, OPERATIONS, ENTRY_PARTS]),
  execute: (input) =>
    outcomeOf(() => decodeStellarTransaction(STANDALONE, input), refusalOf, {
      accepted: (answer) => ({
        kind:
          answer.kind === 'stellar'
            ? answer.operations
                .map(({ type }) => type)
                .slice(0, 3)
                .join()
            : answer.kind,
        verify: () => {
          // All that it says, and in it every field, as the Rust library reads it; and no byte that it does not speak of.
          sameMeaning(ENVELOPE, input, answer.kind === 'stellar' ? jsonOf(answer) : invocationJson(answer));
          demand(Buffer.compare(answer.hash, transactionHash(input)) === 0, 'the hash is another one');
          if (answer.kind === 'stellar') return;
          const { authorization } = answer;
          const hash = preimageHash(STANDALONE, {
            kind: 'stellar-authorization',
            chain: answer.chain,
            ...authorization,
          });
          demand(Buffer.compare(authorization.hash, hash) === 0, 'the hash of the authorization is another one');
        },
      }),
      refused: (reason) => notRefusedForNothing(ENVELOPE, input, reason),
    }),
};

/** Unsigned Soroban authorization entries, by the same library. */
export const sorobanAuthorizations: Target = {
  name: 'soroban authorization',
  seeds: entries,
  maxLength: 5 * 1024,
  leastAccepted: 50,
  leastReasons: 10,
  mutate: xdrMutator(ENTRY, entries, [ENTRY_PARTS]),
  execute: (input) =>
    outcomeOf(() => decodeAuthorization(STANDALONE, input), refusalOf, {
      accepted: (answer) => ({
        kind: answer.transfer.destination.slice(0, 1),
        verify: () => {
          sameMeaning(ENTRY, input, entryJson(answer));
          demand(Buffer.compare(answer.hash, preimageHash(STANDALONE, answer)) === 0, 'the hash is another one');
        },
      }),
      refused: (reason) => notRefusedForNothing(ENTRY, input, reason),
    }),
};

/** `CODE field`, without the indexes in it. */
export function refusalOf(error: unknown): string | undefined {
  return error instanceof TransactionError ? `${error.code} ${error.field.replaceAll(/\d+/g, 'n')}` : undefined;
}

function sameMeaning(type: string, input: Uint8Array, said: unknown): void {
  const read = rustDecode(input, type);
  demand(isDeepStrictEqual(read, said), `Rust reads ${JSON.stringify(read)}, we say ${JSON.stringify(said)}`);
  demand(Buffer.compare(rustEncode(said, type), input) === 0, `there is more in it than ${JSON.stringify(said)}`);
}

function notRefusedForNothing(type: string, input: Uint8Array, reason: string): void {
  if (!/^(MALFORMED_TRANSACTION|NOT_CANONICAL) /.test(reason)) return;
  demand(!rustCanonical(input, type), `refused as ${reason}, but Rust reads it and writes the same`);
}

function transactionHash(envelope: Uint8Array): Uint8Array {
  const networkId = createHash('sha256').update(STANDALONE).digest();
  // ENVELOPE_TYPE_TX and the transaction; after it comes the count of signatures, 0.
  return createHash('sha256').update(networkId).update(envelope.subarray(0, -4)).digest();
}
