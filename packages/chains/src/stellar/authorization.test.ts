import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { authorizeEntry, Contract, Keypair, nativeToScVal, xdr } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { mutationsOf } from '../../testing/mutations.ts';
import { refusedWith, valueOrRefusal } from '../../testing/refused.ts';
import {
  anyAuthorization,
  authorizationOf,
  entryJson,
  entryOf,
  KEY,
  MAX_INT128,
  preimageHash,
  SIGNATURE,
  signatureJson,
} from '../../testing/soroban.ts';
import { account, contract, muxed, rustCanonical, rustDecode, rustEncode, STANDALONE } from '../../testing/stellar.ts';
import type { TransactionErrorCode } from '../error.ts';
import { attachAuthorizationSignature, stellarAddress } from './attach.ts';
import { type AuthorizationInput, buildAuthorization } from './build.ts';
import { decodeAuthorization } from './decode.ts';

const ENTRY = 'SorobanAuthorizationEntry';

describe('an authorization entry', () => {
  test('reads in the Rust XDR library as exactly what was asked for', () => {
    fc.assert(
      fc.property(anyAuthorization, (input) => {
        const { entry, hash } = buildAuthorization(input);
        expect(rustDecode(entry, ENTRY)).toEqual(entryJson(entryOf(input, hash)));
      }),
    );
  });

  test('has the hash of the preimage that the Rust XDR library writes (node:crypto)', () => {
    fc.assert(
      fc.property(anyAuthorization, (input) => {
        const { hash } = buildAuthorization(input);
        expect(hash).toEqual(preimageHash(input.networkPassphrase, entryOf(input, hash)));
      }),
    );
  });

  test('calls what the SDK calls', () => {
    fc.assert(
      fc.property(anyAuthorization, (input) => {
        const entry = xdr.SorobanAuthorizationEntry.fromXdr(buildAuthorization(input).entry);
        const types = { from: 'address', to: 'address', amount: 'i128' } as const;
        const { account: from, destination: to, amount } = input;
        const args = [from, to, amount].map((value, i) => nativeToScVal(value, { type: Object.values(types)[i] }));
        const theirs = new Contract(input.contract).call('transfer', ...args).body;
        if (theirs.type !== 'invokeHostFunction') throw new Error(theirs.type);
        const { hostFunction } = theirs.invokeHostFunctionOp;
        const ours = entry.rootInvocation.function.toXdr();
        // Both unions number the call of a contract 0.
        expect(hostFunction.toXdr()).toEqual(ours);
      }),
    );
  });

  test('decodes to every input, and nothing else', () => {
    fc.assert(
      fc.property(anyAuthorization, (input) => {
        const { entry, hash } = buildAuthorization(input);
        const answer = decodeAuthorization(input.networkPassphrase, entry);
        expect(answer).toStrictEqual(entryOf(input, hash));
        expect(rustEncode(entryJson(answer), ENTRY)).toEqual(entry);
      }),
    );
  });

  test('depends on the network only in chain and hash', () => {
    const { entry } = buildAuthorization(authorizationOf());
    const { chain, hash, ...here } = decodeAuthorization(STANDALONE, entry);
    const { chain: otherChain, hash: otherHash, ...there } = decodeAuthorization('another', entry);
    expect(there).toEqual(here);
    expect(otherChain).not.toBe(chain);
    expect(otherHash).not.toEqual(hash);
  });

  test('is read from a view into a larger buffer, and no reference to it is kept', () => {
    const { entry, hash } = buildAuthorization(authorizationOf());
    const pool = Buffer.alloc(1024, 0xff);
    pool.set(entry, 100);
    const answer = decodeAuthorization(STANDALONE, pool.subarray(100, 100 + entry.length));
    pool.fill(0);
    expect(answer).toEqual(entryOf(authorizationOf(), hash));
  });

  test('one step away is refused, or says all there is in it', () => {
    let accepted = 0;
    for (const input of [authorizationOf(), authorizationOf({ destination: contract(3), amount: MAX_INT128 })]) {
      for (const mutated of mutationsOf(buildAuthorization(input).entry)) {
        const answer = valueOrRefusal(() => decodeAuthorization(STANDALONE, mutated));
        if ('value' in answer) {
          accepted += 1;
          if (Buffer.compare(rustEncode(entryJson(answer.value), ENTRY), mutated) !== 0) {
            throw new Error(`hidden content in ${Buffer.from(mutated).toString('hex')}`);
          }
        } else if (['MALFORMED_TRANSACTION', 'NOT_CANONICAL'].includes(answer.refused.code)) {
          expect(rustCanonical(mutated, ENTRY)).toBe(false);
        }
      }
    }
    expect(accepted).toBeGreaterThan(500);
  });

  test('of random bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        for (const bytes of [noise, Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, ...noise)]) {
          expect(valueOrRefusal(() => decodeAuthorization(STANDALONE, bytes))).toHaveProperty('refused');
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a signature of node:crypto', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32));

  test('attached, gives the bytes that authorizeEntry of the SDK gives', async () => {
    const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32);
    const keypair = Keypair.fromRawEd25519Seed(seed);
    await fc.assert(
      fc.asyncProperty(anyAuthorization, async (any) => {
        const input = { ...any, account: stellarAddress(raw) };
        const { entry, hash } = buildAuthorization(input);
        const theirs = await authorizeEntry(
          xdr.SorobanAuthorizationEntry.fromXdr(entry),
          keypair,
          input.expirationLedger,
          input.networkPassphrase,
        );
        expect(attachAuthorizationSignature(entry, raw, sign(null, hash, privateKey))).toEqual(theirs.toXdr());
      }),
      { numRuns: 50 },
    );
  });

  test('is all that is added', () => {
    const { entry, hash } = buildAuthorization(authorizationOf());
    const signed = attachAuthorizationSignature(entry, KEY, SIGNATURE);
    const said = entryOf(authorizationOf(), hash);
    expect(rustDecode(signed, ENTRY)).toEqual(entryJson(said, { publicKey: KEY, signature: SIGNATURE }));
    expect(signatureJson({ publicKey: KEY, signature: SIGNATURE })).toEqual(
      Object(rustDecode(signed, ENTRY)).credentials.address.signature,
    );
  });

  test('cannot be attached to what is signed already, which cannot be decoded either', () => {
    const { entry } = buildAuthorization(authorizationOf());
    const signed = attachAuthorizationSignature(entry, KEY, SIGNATURE);
    const refused = { code: 'ALREADY_SIGNED', field: 'authorization.credentials.signature' };
    expect(refusedWith(() => attachAuthorizationSignature(signed, KEY, SIGNATURE))).toEqual(refused);
    expect(refusedWith(() => decodeAuthorization(STANDALONE, signed))).toEqual(refused);
  });

  test.each<[string, Uint8Array, Uint8Array, TransactionErrorCode, string]>([
    ['a key of 31 bytes', KEY.slice(1), SIGNATURE, 'INVALID_PUBLIC_KEY', 'publicKey'],
    [
      'an SPKI',
      createPublicKey(privateKey).export({ format: 'der', type: 'spki' }),
      SIGNATURE,
      'INVALID_PUBLIC_KEY',
      'publicKey',
    ],
    ['a signature of 63 bytes', KEY, SIGNATURE.slice(1), 'INVALID_SIGNATURE', 'signature'],
    ['a signature of 65 bytes', KEY, new Uint8Array(65), 'INVALID_SIGNATURE', 'signature'],
  ])('is refused with %s', (_name, key, signature, code, field) => {
    const { entry } = buildAuthorization(authorizationOf());
    expect(refusedWith(() => attachAuthorizationSignature(entry, key, signature))).toEqual({ code, field });
  });

  test('is attached to an entry alone', () => {
    expect(refusedWith(() => attachAuthorizationSignature(new Uint8Array(8), KEY, SIGNATURE))).toEqual({
      code: 'MALFORMED_TRANSACTION',
      field: 'authorization',
    });
  });
});

const REFUSED: [string, Partial<AuthorizationInput>, TransactionErrorCode, string][] = [
  ['an empty passphrase', { networkPassphrase: '' }, 'INVALID_NETWORK_PASSPHRASE', 'networkPassphrase'],
  ['a contract for an account', { account: contract(2) }, 'INVALID_ADDRESS', 'account'],
  ['a muxed account', { account: muxed(2, 1n) }, 'INVALID_ADDRESS', 'account'],
  ['an account for a contract', { contract: account(9) }, 'INVALID_ADDRESS', 'contract'],
  ['a muxed destination', { destination: muxed(3, 1n) }, 'INVALID_ADDRESS', 'destination'],
  [
    'a destination with a typing error',
    { destination: `${contract(3).slice(0, -1)}A` },
    'INVALID_ADDRESS',
    'destination',
  ],
  ['the token itself', { destination: contract(9) }, 'DESTINATION_IS_TOKEN', 'destination'],
  ['amount 0', { amount: 0n }, 'INVALID_AMOUNT', 'amount'],
  ['a negative amount', { amount: -1n }, 'INVALID_AMOUNT', 'amount'],
  ['an amount of 2^127', { amount: 2n ** 127n }, 'INVALID_AMOUNT', 'amount'],
  ['a nonce of 2^63', { nonce: 2n ** 63n }, 'INVALID_NONCE', 'nonce'],
  ['a nonce below -2^63', { nonce: -(2n ** 63n) - 1n }, 'INVALID_NONCE', 'nonce'],
  ['ledger 0', { expirationLedger: 0 }, 'INVALID_LEDGER', 'expirationLedger'],
  ['ledger 2^32', { expirationLedger: 2 ** 32 }, 'INVALID_LEDGER', 'expirationLedger'],
  ['half a ledger', { expirationLedger: 1.5 }, 'INVALID_LEDGER', 'expirationLedger'],
];

describe('an authorization that is not built', () => {
  test.each(REFUSED)('%s', (_name, changes, code, field) => {
    expect(refusedWith(() => buildAuthorization(authorizationOf(changes)))).toEqual({ code, field });
  });
});
