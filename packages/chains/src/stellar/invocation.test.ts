import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { TransactionBuilder } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { mutationsOf } from '../../testing/mutations.ts';
import { refusedWith, valueOrRefusal } from '../../testing/refused.ts';
import {
  anyAuthorization,
  anyResources,
  authorizationOf,
  decodeInvocation,
  entryJson,
  entryOf,
  invocationJson,
  invocationOf,
  KEY,
  resources,
  SIGNATURE,
  signedEntry,
  sorobanData,
} from '../../testing/soroban.ts';
import {
  account,
  contract,
  muxed,
  plainAddress,
  rustCanonical,
  rustDecode,
  rustEncode,
  STANDALONE,
} from '../../testing/stellar.ts';
import type { TransactionErrorCode } from '../error.ts';
import { attachAuthorizationSignature, attachStellarSignature } from './attach.ts';
import { buildAuthorization, buildInvocation, type InvocationInput } from './build.ts';
import type { SorobanResources } from './decode.ts';

const anyInvocation = fc
  .record({
    authorized: anyAuthorization,
    declared: anyResources,
    channel: plainAddress,
    sequence: fc.bigInt({ min: 1n, max: 2n ** 63n - 1024n }),
    maxTime: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
    fee: fc.bigInt({ min: 60_000n, max: 2n ** 32n - 1n }),
  })
  .map(({ authorized, declared, ...rest }) => {
    const { entry, hash } = buildAuthorization(authorized);
    const authorization = attachAuthorizationSignature(entry, KEY, SIGNATURE);
    const { networkPassphrase } = authorized;
    const input = { networkPassphrase, authorization, sorobanData: sorobanData(declared), ...rest };
    return { input, declared, authorized: entryOf(authorized, hash) };
  });

describe('an invocation', () => {
  test('decodes to every input, and nothing else', () => {
    fc.assert(
      fc.property(anyInvocation, ({ input, declared, authorized }) => {
        const { envelope, hash } = buildInvocation(input);
        const { kind, chain, ...authorization } = authorized;
        expect(decodeInvocation(input.networkPassphrase, envelope)).toStrictEqual({
          kind: 'stellar-invocation',
          chain,
          hash,
          source: input.channel,
          sequence: input.sequence,
          fee: input.fee,
          minTime: 0n,
          maxTime: input.maxTime,
          authorization: { ...authorization, publicKey: KEY, signature: SIGNATURE },
          resources: plainKeys(declared),
        });
      }),
    );
  });

  test('decodes to all there is: the Rust XDR library writes the same bytes from the answer', () => {
    fc.assert(
      fc.property(anyInvocation, ({ input }) => {
        const { envelope } = buildInvocation(input);
        expect(rustEncode(invocationJson(decodeInvocation(input.networkPassphrase, envelope)))).toEqual(envelope);
      }),
    );
  });

  test('has the hash that the SDK finds', () => {
    fc.assert(
      fc.property(anyInvocation, ({ input }) => {
        const { envelope, hash } = buildInvocation(input);
        const text = Buffer.from(envelope).toString('base64');
        expect(TransactionBuilder.fromXDR(text, input.networkPassphrase).hash()).toEqual(hash);
        const network = createHash('sha256').update(input.networkPassphrase).digest();
        const payload = Buffer.concat([network, envelope.subarray(0, -4)]);
        expect(createHash('sha256').update(payload).digest('hex')).toBe(Buffer.from(hash).toString('hex'));
      }),
    );
  });

  test('reads every kind of footprint key, also on trust lines', () => {
    const { envelope } = buildInvocation(invocationOf());
    expect(decodeInvocation(STANDALONE, envelope).resources).toEqual(resources);
  });

  test('for a simulation declares nothing, around an entry that nobody signed', () => {
    const { entry, hash } = buildAuthorization(authorizationOf());
    const { sorobanData: _, ...rest } = invocationOf({ authorization: entry, fee: 100n });
    const { envelope } = buildInvocation(rest);
    expect(rustDecode(envelope)).toMatchObject({
      tx: {
        tx: {
          fee: 100,
          operations: [{ body: { invoke_host_function: { auth: [entryJson(entryOf(authorizationOf(), hash))] } } }],
          ext: {
            v1: { ext: 'v0', resources: { footprint: { read_only: [], read_write: [] } }, resource_fee: '0' },
          },
        },
      },
    });
    expect(refusedWith(() => decodeInvocation(STANDALONE, envelope))).toEqual({
      code: 'NOT_SIGNED',
      field: 'operations[0].auth[0].credentials.signature',
    });
  });

  test('can be rebuilt around the same entry, whose hash stays', () => {
    const first = decodeInvocation(STANDALONE, buildInvocation(invocationOf()).envelope);
    const second = decodeInvocation(
      STANDALONE,
      buildInvocation(invocationOf({ channel: account(5), sequence: 9n, fee: 99_999n })).envelope,
    );
    expect(second.hash).not.toEqual(first.hash);
    expect(second.authorization).toEqual(first.authorization);
  });

  test('takes the signature of its envelope like any other', () => {
    const { envelope } = buildInvocation(invocationOf());
    const signed = attachStellarSignature(envelope, KEY, SIGNATURE);
    expect(Object(rustDecode(signed)).tx.signatures).toHaveLength(1);
    expect(refusedWith(() => decodeInvocation(STANDALONE, signed))).toHaveProperty('code', 'ALREADY_SIGNED');
  });

  test('one step away is refused, or says all there is in it', () => {
    const { envelope } = buildInvocation(invocationOf());
    let accepted = 0;
    for (const mutated of mutationsOf(envelope)) {
      const answer = valueOrRefusal(() => decodeInvocation(STANDALONE, mutated));
      if ('value' in answer) {
        accepted += 1;
        if (Buffer.compare(rustEncode(invocationJson(answer.value)), mutated) !== 0) {
          throw new Error(`hidden content in ${Buffer.from(mutated).toString('hex')}`);
        }
      } else if (['MALFORMED_TRANSACTION', 'NOT_CANONICAL'].includes(answer.refused.code)) {
        expect(rustCanonical(mutated)).toBe(false);
      }
    }
    expect(accepted).toBeGreaterThan(500);
  }, 120_000);
});

const data = (changes: Partial<SorobanResources>) => sorobanData({ ...resources, ...changes });

const REFUSED: [string, Partial<InvocationInput>, TransactionErrorCode, string][] = [
  ['an empty passphrase', { networkPassphrase: '' }, 'INVALID_NETWORK_PASSPHRASE', 'networkPassphrase'],
  ['a muxed channel', { channel: muxed(1, 1n) }, 'INVALID_ADDRESS', 'channel'],
  ['a contract as channel', { channel: contract(1) }, 'INVALID_ADDRESS', 'channel'],
  ['sequence 0', { sequence: 0n }, 'INVALID_SEQUENCE', 'sequence'],
  ['no end of time', { maxTime: 0n }, 'INVALID_TIME_BOUNDS', 'maxTime'],
  ['an end beyond uint64', { maxTime: 2n ** 64n }, 'INVALID_TIME_BOUNDS', 'maxTime'],
  ['fee 0', { fee: 0n }, 'INVALID_FEE', 'fee'],
  ['a fee of 2^32', { fee: 2n ** 32n }, 'INVALID_FEE', 'fee'],
  ['a fee below the resource fee', { fee: 59_999n }, 'INVALID_FEE', 'sorobanData.resourceFee'],
  ['a negative resource fee', { sorobanData: data({ resourceFee: -1n }) }, 'INVALID_FEE', 'sorobanData.resourceFee'],
  ['an entry that is none', { authorization: new Uint8Array(40) }, 'MALFORMED_TRANSACTION', 'authorization'],
  [
    'bytes after the entry',
    { authorization: Uint8Array.of(...signedEntry(), 0) },
    'MALFORMED_TRANSACTION',
    'authorization',
  ],
  ['resources that are none', { sorobanData: new Uint8Array(3) }, 'MALFORMED_SOROBAN_DATA', 'sorobanData'],
  ['resources in base64', { sorobanData: 'AAAA' as never }, 'MALFORMED_SOROBAN_DATA', 'sorobanData'],
  [
    'bytes after the resources',
    { sorobanData: Uint8Array.of(...sorobanData(resources), 0) },
    'MALFORMED_SOROBAN_DATA',
    'sorobanData',
  ],
  [
    'an archived entry to restore',
    {
      sorobanData: rustEncode(
        {
          ...Object(rustDecode(sorobanData(resources), 'SorobanTransactionData')),
          ext: { v1: { archived_soroban_entries: [0] } },
        },
        'SorobanTransactionData',
      ),
    },
    'ENTRY_ARCHIVED_IN_FOOTPRINT',
    'sorobanData.ext',
  ],
];

describe('an invocation that is not built', () => {
  test.each(REFUSED)('%s', (_name, changes, code, field) => {
    expect(refusedWith(() => buildInvocation(invocationOf(changes)))).toEqual({ code, field });
  });

  test('around a signature that is none', () => {
    const entry = rustDecode(signedEntry(), 'SorobanAuthorizationEntry');
    Object(entry).credentials.address.signature = { vec: [] };
    const authorization = rustEncode(entry, 'SorobanAuthorizationEntry');
    expect(refusedWith(() => buildInvocation(invocationOf({ authorization })))).toEqual({
      code: 'UNSUPPORTED_SIGNATURE',
      field: 'authorization.credentials.signature',
    });
  });
});

/** The generator's records have no prototype; a decoder's answers have one. */
function plainKeys(declared: SorobanResources): SorobanResources {
  return {
    ...declared,
    readOnly: declared.readOnly.map((key) => ({ ...key })),
    readWrite: declared.readWrite.map((key) => ({ ...key })),
  };
}
