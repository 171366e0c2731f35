import { describe, expect, test } from '@jest/globals';
import { Account, Keypair, MuxedAccount } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import { CHAINS, CHANNEL, EVM_ASSET, EVM_TREASURY, STELLAR_ASSET, TREASURY } from '../../../testing/chains.ts';
import { readTerms } from './read-terms.ts';

const G = 'GBRPYHIL2CI3FNQ4BXLFMNDLFJUNPU2HY3ZMFSHONUCEOASW7QC7OX2H';
const muxed = (account: string, id = '7') => new MuxedAccount(new Account(account, '0'), id).accountId();
const stellar = { asset: STELLAR_ASSET, amount: '12.5', destination: G };
const evm = { asset: EVM_ASSET, amount: '0.1', destination: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC' };

const termsOf = (body: unknown) => {
  const read = readTerms(CHAINS, body);
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.value;
};
const errorsOf = (body: unknown) => {
  const read = readTerms(CHAINS, body);
  return read.ok ? 'accepted' : read.errors.map(({ field, code }) => `${field}: ${code}`);
};

describe('the terms of a payout', () => {
  test('are read whole, with the chain from the asset and the first key of the chain', () => {
    expect(termsOf(stellar)).toEqual({
      chain: 'stellar:standalone',
      asset: STELLAR_ASSET,
      amount: 125_000_000n,
      destination: G,
      memo: undefined,
      key: 'treasury-stellar',
      externalId: undefined,
      metadata: {},
    });
    expect(termsOf({ ...evm, key: 'treasury-evm-2' })).toMatchObject({ amount: 10n ** 17n, key: 'treasury-evm-2' });
  });

  test('spell what can be spelled in several ways in one', () => {
    expect(termsOf({ ...evm, destination: evm.destination.toLowerCase() }).destination).toBe(evm.destination);
    expect(termsOf({ ...stellar, memo: { type: 'hash', value: 'AB'.repeat(32) } }).memo).toEqual({
      type: 'hash',
      value: 'ab'.repeat(32),
    });
  });

  test('take a muxed destination, which carries its own memo', () => {
    expect(termsOf({ ...stellar, destination: muxed(G) }).destination).toBe(muxed(G));
    expect(errorsOf({ ...stellar, destination: muxed(G), memo: { type: 'id', value: '7' } })).toEqual([
      'memo: MEMO_NOT_ALLOWED',
    ]);
  });

  test.each([
    ['text', 'é'.repeat(14)],
    ['id', '18446744073709551615'],
    ['id', '0'],
    ['hash', '0'.repeat(64)],
    ['return', 'f'.repeat(64)],
  ])('take a memo of type %s up to its bound', (type, value) => {
    expect(termsOf({ ...stellar, memo: { type, value } }).memo).toEqual({ type, value });
  });

  test('take amounts up to what the chain can hold, and no more', () => {
    expect(termsOf({ ...stellar, amount: '922337203685.4775807' }).amount).toBe(2n ** 63n - 1n);
    expect(errorsOf({ ...stellar, amount: '922337203685.4775808' })).toEqual(['amount: AMOUNT_OUT_OF_RANGE']);
    const most = (2n ** 256n - 1n).toString();
    const decimal = (units: string) => `${units.slice(0, -18)}.${units.slice(-18)}`;
    expect(termsOf({ ...evm, amount: decimal(most) }).amount).toBe(2n ** 256n - 1n);
    expect(errorsOf({ ...evm, amount: decimal((2n ** 256n).toString()) })).toEqual(['amount: AMOUNT_OUT_OF_RANGE']);
  });

  test.each([TREASURY, CHANNEL])('refuse our own account %s, however it is written', (account) => {
    expect(errorsOf({ ...stellar, destination: account })).toEqual(['destination: OWN_ACCOUNT']);
    expect(errorsOf({ ...stellar, destination: muxed(account) })).toEqual(['destination: OWN_ACCOUNT']);
  });

  test('refuse our own EVM address, however it is written', () => {
    expect(errorsOf({ ...evm, destination: EVM_TREASURY })).toEqual(['destination: OWN_ACCOUNT']);
    expect(errorsOf({ ...evm, destination: EVM_TREASURY.toLowerCase() })).toEqual(['destination: OWN_ACCOUNT']);
  });

  test('name every mistake at once', () => {
    const body = { ...stellar, amount: '0', destination: 'G', key: 'nobody', memo: { type: 'id', value: '1' } };
    expect(errorsOf(body)).toEqual(['amount: AMOUNT_OUT_OF_RANGE', 'key: UNKNOWN_KEY', 'destination: INVALID_ADDRESS']);
  });

  test('take every account with its checksum, and none with one character changed', () => {
    const seed = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const base32 = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
    fc.assert(
      fc.property(seed, fc.nat(55), base32, (bytes, position, character) => {
        const account = Keypair.fromRawEd25519Seed(Buffer.from(bytes)).publicKey();
        const changed = account.slice(0, position) + character + account.slice(position + 1);
        expect(errorsOf({ ...stellar, destination: account })).toBe('accepted');
        const expected = changed === account ? 'accepted' : ['destination: INVALID_ADDRESS'];
        expect(errorsOf({ ...stellar, destination: changed })).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('never throw, whatever the body is', () => {
    fc.assert(
      fc.property(fc.anything(), fc.dictionary(fc.string(), fc.anything()), (body, more) => {
        expect(() => readTerms(CHAINS, body)).not.toThrow();
        expect(() => readTerms(CHAINS, { ...stellar, ...more })).not.toThrow();
      }),
    );
  });
});
