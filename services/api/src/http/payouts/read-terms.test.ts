import { assetContract } from '@countersign/chains/stellar/contract';
import { describe, expect, test } from '@jest/globals';
import { Account, Keypair, MuxedAccount, StrKey } from '@stellar/stellar-sdk/base';
import fc from 'fast-check';
import {
  CHAINS,
  CHANNEL,
  ERC20_ASSET,
  EVM_ASSET,
  EVM_TOKEN,
  EVM_TREASURY,
  ISSUED_ASSET,
  SOROBAN_TREASURY,
  STELLAR_ASSET,
  TOKEN_ASSET,
  TOKEN_CONTRACT,
  TREASURY,
} from '../../../testing/chains.ts';
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
      decimals: 7,
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

  describe('in an asset beside the native one', () => {
    const contract = StrKey.encodeContract(Buffer.alloc(32, 7));
    const calls = { key: 'treasury-soroban' };
    const issued = { ...stellar, asset: ISSUED_ASSET };
    const token = { ...stellar, ...calls, asset: TOKEN_ASSET };
    const erc20 = { ...evm, asset: ERC20_ASSET };

    test('count the amount in its own decimals, up to what it can hold', () => {
      const units = (body: object, amount: string) => termsOf({ ...body, amount });
      expect(units(issued, '0.0000001')).toMatchObject({ amount: 1n, decimals: 7, asset: ISSUED_ASSET });
      expect(units(token, '0.000001')).toMatchObject({ amount: 1n, decimals: 6, asset: TOKEN_ASSET });
      expect(units(erc20, '0.01')).toMatchObject({ amount: 1n, decimals: 2, asset: ERC20_ASSET });
      for (const [body, amount] of [
        [issued, '0.00000001'],
        [token, '0.0000001'],
        [erc20, '0.001'],
      ] as const) {
        expect(errorsOf({ ...body, amount })).toEqual(['amount: AMOUNT_TOO_PRECISE']);
      }
      const most = 2n ** 127n - 1n;
      expect(units(token, `${most / 1_000_000n}.${most % 1_000_000n}`).amount).toBe(most);
      expect(errorsOf({ ...token, amount: `${most}` })).toEqual(['amount: AMOUNT_OUT_OF_RANGE']);
      expect(errorsOf({ ...issued, amount: '922337203685.4775808' })).toEqual(['amount: AMOUNT_OUT_OF_RANGE']);
    });

    test('take it only where it is configured, by its one id', () => {
      const other = ISSUED_ASSET.replace('USDC', 'EURC');
      expect(errorsOf({ ...issued, asset: other })).toEqual(['asset: UNKNOWN_ASSET']);
      expect(termsOf({ ...erc20, amount: '1', asset: ERC20_ASSET.toLowerCase() }).asset).toBe(ERC20_ASSET);
    });

    test('go to an account whatever the asset is, to a contract only from a key that calls contracts', () => {
      expect(errorsOf(issued)).toBe('accepted');
      expect(errorsOf({ ...issued, destination: muxed(G) })).toBe('accepted');
      for (const body of [stellar, issued]) {
        expect(errorsOf({ ...body, destination: contract })).toEqual(['destination: CONTRACT_NOT_ALLOWED']);
        expect(termsOf({ ...body, ...calls, destination: contract }).destination).toBe(contract);
      }
      expect(errorsOf({ ...token, destination: contract })).toBe('accepted');
      expect(errorsOf({ ...token, key: 'treasury-stellar' })).toEqual(['key: KEY_NOT_SUPPORTED']);
    });

    test('refuse what a contract call cannot say: an M… address, a memo', () => {
      const memo = { type: 'text', value: 'x' };
      expect(errorsOf({ ...token, destination: muxed(G) })).toEqual(['destination: DESTINATION_NOT_SUPPORTED']);
      expect(errorsOf({ ...token, memo })).toEqual(['memo: MEMO_NOT_SUPPORTED']);
      expect(errorsOf({ ...stellar, ...calls, destination: contract, memo })).toEqual(['memo: MEMO_NOT_SUPPORTED']);
      expect(errorsOf({ ...issued, memo })).toBe('accepted');
      expect(errorsOf({ ...token, destination: muxed(G), memo })).toEqual([
        'destination: DESTINATION_NOT_SUPPORTED',
        'memo: MEMO_NOT_SUPPORTED',
      ]);
    });

    test('refuse the token itself, and every account that pays', () => {
      const wrapped = assetContract('Standalone Network ; February 2017', termsOf(issued).asset);
      for (const destination of [TOKEN_CONTRACT, wrapped]) {
        expect(errorsOf({ ...token, destination })).toEqual(['destination: TOKEN_CONTRACT']);
      }
      expect(errorsOf({ ...evm, destination: EVM_TOKEN })).toEqual(['destination: TOKEN_CONTRACT']);
      expect(errorsOf({ ...erc20, amount: '1', destination: EVM_TOKEN.toLowerCase() })).toEqual([
        'destination: TOKEN_CONTRACT',
      ]);
      expect(errorsOf({ ...issued, destination: SOROBAN_TREASURY })).toEqual(['destination: OWN_ACCOUNT']);
    });
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
