import { describe, expect, test } from '@jest/globals';
import { StrKey } from '@stellar/stellar-sdk/base';
import { schema } from '@stellar/stellar-xdr-json';
import { edited } from '../../testing/edited.ts';
import { refusedWith } from '../../testing/refused.ts';
import { authorizationOf, MAX_INT128, signedEntry } from '../../testing/soroban.ts';
import { account, contract, muxed, rustDecode, rustEncode, STANDALONE } from '../../testing/stellar.ts';
import type { TransactionErrorCode } from '../error.ts';
import { buildAuthorization } from './build.ts';
import { decodeAuthorization } from './decode.ts';

const ENTRY = 'SorobanAuthorizationEntry';
const { entry } = buildAuthorization(authorizationOf());
const good = rustDecode(entry, ENTRY);
const { address: credentials } = Object(good).credentials;
const { root_invocation: root } = Object(good);
const CALL = 'root_invocation.function.contract_fn';

/** The entry with one value replaced, written by the Rust XDR library. */
const at = (path: string, value: unknown) => rustEncode(edited(good, path, value), ENTRY);
/** The entry with one of its three arguments replaced. */
const arg = (index: number, value: unknown) => at(`${CALL}.args.${index}`, value);
const { args } = root.function.contract_fn;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
function patched(from: string, to: string): Uint8Array {
  expect(hex(entry).split(from)).toHaveLength(2);
  return new Uint8Array(Buffer.from(hex(entry).replace(from, to), 'hex'));
}
const NAME = hex(Buffer.from('transfer'));
const AMOUNT = `0000000a${'0'.repeat(16)}0000000007735940`;
/** i128 of these two halves. */
const halves = (hi: string, lo: string) => patched(AMOUNT, `0000000a${hi}${lo}`);
const twice = { key: { symbol: 'amount' }, val: { i128: '125000000' } };
const preimage = { address: { address: account(2), salt: '00'.repeat(32) } };
const creation = { contract_id_preimage: preimage, executable: 'stellar_asset' };

const TRAPS: [string, () => Uint8Array, TransactionErrorCode, string][] = [
  ['nothing', () => new Uint8Array(), 'MALFORMED_TRANSACTION', 'authorization'],
  ['base64 text', () => Buffer.from(entry).toString('base64') as never, 'INVALID_BYTES', 'authorization'],
  ['4 KiB and a byte', () => new Uint8Array(4_097), 'TRANSACTION_TOO_LARGE', 'authorization'],
  ['a byte after the end', () => Uint8Array.of(...entry, 0), 'MALFORMED_TRANSACTION', 'authorization'],
  ['four bytes after the end', () => Uint8Array.of(...entry, 0, 0, 0, 0), 'MALFORMED_TRANSACTION', 'authorization'],
  ['a second entry after the first', () => Uint8Array.of(...entry, ...entry), 'MALFORMED_TRANSACTION', 'authorization'],
  ['a list of one entry', () => Uint8Array.of(0, 0, 0, 1, ...entry), 'MALFORMED_TRANSACTION', 'authorization'],
  ['a signed entry', () => signedEntry(), 'ALREADY_SIGNED', 'authorization.credentials.signature'],
  [
    'an empty vector of signatures',
    () => at('credentials.address.signature', { vec: [] }),
    'ALREADY_SIGNED',
    'authorization.credentials.signature',
  ],
  [
    'a signature that is a bool',
    () => at('credentials.address.signature', { bool: false }),
    'ALREADY_SIGNED',
    'authorization.credentials.signature',
  ],
  [
    'credentials of the source account',
    () => at('credentials', 'source_account'),
    'UNSUPPORTED_CREDENTIALS',
    'authorization.credentials',
  ],
  [
    'credentials of an address, version 2',
    () => at('credentials', { address_v2: credentials }),
    'UNSUPPORTED_CREDENTIALS',
    'authorization.credentials',
  ],
  [
    'credentials with delegates',
    () =>
      at('credentials', {
        address_with_delegates: { address_credentials: credentials, delegates: [] },
      }),
    'UNSUPPORTED_CREDENTIALS',
    'authorization.credentials',
  ],
  [
    'credentials of a contract',
    () => at('credentials.address.address', contract(2)),
    'INVALID_ADDRESS',
    'authorization.credentials.address',
  ],
  [
    'credentials of a muxed account',
    () => at('credentials.address.address', muxed(2, 1n)),
    'INVALID_ADDRESS',
    'authorization.credentials.address',
  ],
  [
    'no end: ledger 0',
    () => at('credentials.address.signature_expiration_ledger', 0),
    'INVALID_LEDGER',
    'authorization.credentials.expirationLedger',
  ],
  [
    'an invocation under the transfer',
    () => at('root_invocation.sub_invocations', [root]),
    'SUB_INVOCATIONS',
    'authorization.invocation.subInvocations',
  ],
  [
    'the creation of a contract',
    () => at('root_invocation.function', { create_contract_host_fn: creation }),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation',
  ],
  [
    'the creation of a contract with arguments',
    () => at('root_invocation.function', { create_contract_v2_host_fn: { ...creation, constructor_args: [] } }),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation',
  ],
  [
    'an account that is called',
    () => at(`${CALL}.contract_address`, account(9)),
    'INVALID_ADDRESS',
    'authorization.invocation.contract',
  ],
  ...[
    'approve',
    'transfer_from',
    'burn',
    'mint',
    'set_admin',
    'Transfer',
    'transfer2',
    'transfe',
    '',
    '__check_auth',
  ].map((name): (typeof TRAPS)[number] => [
    `the function ${JSON.stringify(name)}`,
    () => at(`${CALL}.function_name`, name),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation.function',
  ]),
  [
    'a function that ends in NUL',
    () => patched(`00000008${NAME}`, `00000009${NAME}00000000`),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation.function',
  ],
  ...[[], args.slice(0, 1), args.slice(0, 2), [...args, 'void'], [...args, args[2]]].map(
    (others): (typeof TRAPS)[number] => [
      `${others.length} arguments`,
      () => at(`${CALL}.args`, others),
      'UNSUPPORTED_INVOCATION',
      'authorization.invocation.args',
    ],
  ),
  ['money of another', () => arg(0, { address: account(7) }), 'ACCOUNT_DIFFERS', 'authorization.invocation.args[0]'],
  [
    'a payer that is a contract',
    () => arg(0, { address: contract(2) }),
    'INVALID_ADDRESS',
    'authorization.invocation.args[0]',
  ],
  [
    'a payer that is muxed',
    () => arg(0, { address: muxed(2, 1n) }),
    'INVALID_ADDRESS',
    'authorization.invocation.args[0]',
  ],
  [
    'a payer that is text',
    () => arg(0, { string: account(2) }),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation.args[0]',
  ],
  [
    'a muxed destination',
    () => arg(1, { address: muxed(3, 1n) }),
    'INVALID_ADDRESS',
    'authorization.invocation.args[1]',
  ],
  [
    'a destination that is a liquidity pool',
    () => arg(1, { address: StrKey.encodeLiquidityPool(new Uint8Array(32)) }),
    'INVALID_ADDRESS',
    'authorization.invocation.args[1]',
  ],
  [
    'a destination that is a claimable balance',
    () => arg(1, { address: StrKey.encodeClaimableBalance(new Uint8Array(33)) }),
    'INVALID_ADDRESS',
    'authorization.invocation.args[1]',
  ],
  [
    'a destination that is a symbol',
    () => arg(1, { symbol: 'x' }),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation.args[1]',
  ],
  [
    'the token itself as destination',
    () => arg(1, { address: contract(9) }),
    'DESTINATION_IS_TOKEN',
    'authorization.invocation.args[1]',
  ],
  ...[
    { u128: '125000000' },
    { i64: '125000000' },
    { u64: '125000000' },
    { i256: '125000000' },
    { u32: 125_000_000 },
    { string: '125000000' },
    { bytes: '07735940' },
    { vec: [{ i128: '125000000' }] },
    'void',
  ].map((amount): (typeof TRAPS)[number] => [
    `the amount ${JSON.stringify(amount)}`,
    () => arg(2, amount),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation.args[2]',
  ]),
  ...['0', '-1', `${-(2n ** 63n)}`, `${-(2n ** 64n)}`, `${-(2n ** 127n)}`].map((amount): (typeof TRAPS)[number] => [
    `an amount of ${amount}`,
    () => arg(2, { i128: amount }),
    'INVALID_AMOUNT',
    'authorization.invocation.args[2]',
  ]),
  [
    'a negative amount with a great lower half',
    () => halves('ffffffffffffffff', 'ffffffff07735940'),
    'INVALID_AMOUNT',
    'authorization.invocation.args[2]',
  ],
  ...(
    [
      ['a vector that is there by 2', '0000001000000002'],
      ['a map that is there by 2', '0000001100000002'],
      ['a vector of 4 billion values', '0000001000000001ffffffff'],
      ['a map of 4 billion entries', '0000001100000001ffffffff'],
      ['bytes of 4 GiB', '0000000dffffffff'],
      ['a bool of 2', '0000000000000002'],
      ['a value of an unknown type', '00000016'],
      ['a value of a negative type', 'ffffffff'],
      ['an address of an unknown type', '0000001200000005'],
      ['a symbol of 33 bytes', `0000000f00000021${'61'.repeat(33)}000000`],
      ['a symbol with bytes in its padding', '0000000f0000000161000001'],
      ['an error of an unknown kind', '000000020000000a00000000'],
    ] as const
  ).map(([name, value]): (typeof TRAPS)[number] => [
    name,
    () => patched(AMOUNT, value),
    'MALFORMED_TRANSACTION',
    'authorization',
  ]),
  ...[
    { map: [twice, twice] },
    { error: { contract: 1 } },
    'ledger_key_contract_instance',
    { ledger_key_nonce: { nonce: '1' } },
    { contract_instance: { executable: 'stellar_asset', storage: null } },
  ].map((amount): (typeof TRAPS)[number] => [
    `the amount ${JSON.stringify(amount)}`,
    () => arg(2, amount),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation.args[2]',
  ]),
  [
    '4 billion arguments',
    () => patched(`${NAME}00000003`, `${NAME}ffffffff`),
    'MALFORMED_TRANSACTION',
    'authorization',
  ],
  [
    'an argument fewer than is counted',
    () => patched(`${NAME}00000003`, `${NAME}00000004`),
    'MALFORMED_TRANSACTION',
    'authorization',
  ],
  [
    '4 billion invocations under it',
    () => Uint8Array.of(...entry.slice(0, -4), 255, 255, 255, 255),
    'MALFORMED_TRANSACTION',
    'authorization',
  ],
  ['credentials of an unknown kind', () => entry.with(3, 4), 'MALFORMED_TRANSACTION', 'authorization'],
  [
    'a function longer than a symbol may be',
    () => patched(`00000008${NAME}`, `00000021${NAME.repeat(4)}61000000`),
    'MALFORMED_TRANSACTION',
    'authorization',
  ],
  [
    'bytes in the padding of a function',
    () => patched(`00000008${NAME}`, `00000009${NAME}73000001`),
    'MALFORMED_TRANSACTION',
    'authorization',
  ],
  [
    'from and to the other way round',
    () => at(`${CALL}.args`, [args[1], args[0], args[2]]),
    'ACCOUNT_DIFFERS',
    'authorization.invocation.args[0]',
  ],
  [
    'another last letter of the function',
    () => patched(`${NAME}00000003`, `${hex(Buffer.from('transfe'))}0100000003`),
    'UNSUPPORTED_INVOCATION',
    'authorization.invocation.function',
  ],
];

describe('a trap in an authorization', () => {
  test.each(TRAPS)('%s', (_name, trap, code, field) => {
    const bytes = trap();
    expect(refusedWith(() => decodeAuthorization(STANDALONE, bytes))).toEqual({ code, field });
  });

  test('that is cut short is refused with what the library said of it', () => {
    expect(() => decodeAuthorization(STANDALONE, entry.subarray(0, -1))).toThrow(
      expect.objectContaining({
        name: 'TransactionError',
        cause: expect.objectContaining({ message: expect.any(String) }),
      }),
    );
  });

  test('the entry that they all vary is accepted', () => {
    expect(decodeAuthorization(STANDALONE, rustEncode(good, ENTRY))).toEqual(decodeAuthorization(STANDALONE, entry));
  });

  test('every kind of credentials there is was tried', () => {
    const kinds = JSON.parse(schema('SorobanCredentialsType')).enum;
    expect(kinds.toSorted()).toEqual(['address', 'address_v2', 'address_with_delegates', 'source_account']);
  });

  test.each([
    ['0000000000000000', '0000000000000001', 1n],
    ['0000000000000000', '8000000000000000', 2n ** 63n],
    ['0000000000000000', 'ffffffffffffffff', 2n ** 64n - 1n],
    ['0000000000000001', '0000000000000000', 2n ** 64n],
    ['7fffffffffffffff', 'ffffffffffffffff', MAX_INT128],
  ])('the halves %s and %s of an amount are read as one number', (hi, lo, amount) => {
    expect(decodeAuthorization(STANDALONE, halves(hi, lo)).transfer.amount).toBe(amount);
  });

  test.each([20, 300])('a value nested %d deep ends in an error of ours', (depth) => {
    const vectors = `${'000000100000000100000001'.repeat(depth)}00000001`;
    const bytes = patched(AMOUNT, vectors);
    expect(refusedWith(() => decodeAuthorization(STANDALONE, bytes))).toHaveProperty('code', 'UNSUPPORTED_INVOCATION');
  });

  test.each(['', '\udc00'])('another network: %j is no passphrase', (passphrase) => {
    expect(refusedWith(() => decodeAuthorization(passphrase, entry))).toEqual({
      code: 'INVALID_NETWORK_PASSPHRASE',
      field: 'networkPassphrase',
    });
  });
});
