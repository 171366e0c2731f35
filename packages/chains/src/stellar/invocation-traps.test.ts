import { describe, expect, test } from '@jest/globals';
import { StrKey } from '@stellar/stellar-sdk/base';
import { schema } from '@stellar/stellar-xdr-json';
import { edited } from '../../testing/edited.ts';
import { refusedWith } from '../../testing/refused.ts';
import { decodeInvocation, invocationOf, signatureJson } from '../../testing/soroban.ts';
import { account, contract, muxed, rustDecode, rustEncode, STANDALONE } from '../../testing/stellar.ts';
import type { TransactionErrorCode } from '../error.ts';
import { buildInvocation } from './build.ts';
import { decodeStellarTransaction } from './decode.ts';

const { envelope } = buildInvocation(invocationOf());
const good = rustDecode(envelope);
const { operations, ext } = Object(good).tx.tx;
const [operation] = operations;
const { host_function: hostFunction, auth } = operation.body.invoke_host_function;
const [entry] = auth;
const { contract_fn: call } = entry.root_invocation.function;
const { signature } = entry.credentials.address;
const [keyPair, signaturePair] = signature.vec[0].map;

/** The envelope with values of its transaction replaced, written by the Rust XDR library. */
function at(...changes: [string, unknown][]): Uint8Array {
  return rustEncode(changes.reduce((json, [path, value]) => edited(json, `tx.tx.${path}`, value), good));
}
const OP = 'operations.0.body.invoke_host_function';
const AUTH = 'operations[0].auth[0]';
const ENTRY = `${OP}.auth.0`;
const SIGNATURE = `${ENTRY}.credentials.address.signature`;
const FOOTPRINT = 'ext.v1.resources.footprint';
const key = (set: 'read_only' | 'read_write', value: unknown) => at([`${FOOTPRINT}.${set}.1`, value]);
const data = (holder: string, value: unknown, durability: string) => ({
  contract_data: { contract: holder, key: value, durability },
});
const usd = { credit_alphanum4: { asset_code: 'USD', issuer: account(8) } };
const creation = {
  contract_id_preimage: { address: { address: account(2), salt: '00'.repeat(32) } },
  executable: 'stellar_asset',
};
const payment = {
  source_account: null,
  body: { payment: { destination: account(3), asset: 'native', amount: '1' } },
};
const bump = { source_account: null, body: { bump_sequence: { bump_to: '1' } } };
const bytes = (length: number) => ({ bytes: '07'.repeat(length) });
const signatures = (...maps: unknown[]) => at([SIGNATURE, { vec: maps }]);

type Trap = [string, () => Uint8Array, TransactionErrorCode, string];

const TRANSACTION: Trap[] = [
  ['a second invocation', () => at(['operations', [operation, operation]]), 'SOROBAN_DATA', 'ext'],
  [
    'a second invocation without resources',
    () => at(['operations', [operation, operation]], ['ext', 'v0']),
    'UNSUPPORTED_OPERATION',
    'operations[0]',
  ],
  [
    'an invocation after a payment',
    () => at(['operations', [payment, operation]], ['ext', 'v0']),
    'UNSUPPORTED_OPERATION',
    'operations[1]',
  ],
  [
    'an invocation before the closing operation',
    () => at(['operations', [operation, bump]], ['ext', 'v0']),
    'UNSUPPORTED_OPERATION',
    'operations[0]',
  ],
  ['a payment with resources', () => at(['operations', [payment]]), 'SOROBAN_DATA', 'ext'],
  [
    'a longer life for ledger entries',
    () => at(['operations.0.body', { extend_footprint_ttl: { ext: 'v0', extend_to: 1 } }], ['ext', 'v0']),
    'UNSUPPORTED_OPERATION',
    'operations[0]',
  ],
  [
    'a restore of ledger entries',
    () => at(['operations.0.body', { restore_footprint: { ext: 'v0' } }], ['ext', 'v0']),
    'UNSUPPORTED_OPERATION',
    'operations[0]',
  ],
  ['no resources', () => at(['ext', 'v0']), 'SOROBAN_DATA_MISSING', 'sorobanData'],
  [
    'a source of the operation',
    () => at(['operations.0.source_account', account(2)]),
    'OPERATION_SOURCE_NOT_SUPPORTED',
    'operations[0].source',
  ],
  [
    'the channel as source of the operation',
    () => at(['operations.0.source_account', account(1)]),
    'OPERATION_SOURCE_NOT_SUPPORTED',
    'operations[0].source',
  ],
  ['a memo', () => at(['memo', { id: '7' }]), 'MEMO_NOT_SUPPORTED', 'memo'],
  ['an empty memo', () => at(['memo', { text: '' }]), 'MEMO_NOT_SUPPORTED', 'memo'],
  ['a muxed source', () => at(['source_account', muxed(1, 1n)]), 'MUXED_SOURCE', 'source'],
  ['no time bounds', () => at(['cond', 'none']), 'TIME_BOUNDS_MISSING', 'preconditions'],
  ['sequence 0', () => at(['seq_num', '0']), 'INVALID_SEQUENCE', 'sequence'],
  ['a byte after the end', () => Uint8Array.of(...envelope, 0), 'MALFORMED_TRANSACTION', 'transaction'],
];

const CALL: Trap[] = [
  [
    'an upload of code',
    () => at([`${OP}.host_function`, { upload_contract_wasm: '00' }]),
    'UNSUPPORTED_HOST_FUNCTION',
    'operations[0].hostFunction',
  ],
  [
    'the creation of a contract',
    () => at([`${OP}.host_function`, { create_contract: creation }]),
    'UNSUPPORTED_HOST_FUNCTION',
    'operations[0].hostFunction',
  ],
  [
    'the creation of a contract with arguments',
    () => at([`${OP}.host_function`, { create_contract_v2: { ...creation, constructor_args: [] } }]),
    'UNSUPPORTED_HOST_FUNCTION',
    'operations[0].hostFunction',
  ],
  ...(
    [
      ['contract_address', contract(8)],
      ['function_name', 'burn'],
      ['args', call.args.slice(0, 2)],
      ['args.0', { address: account(1) }],
      ['args.1', { address: account(4) }],
      ['args.2', { i128: '125000001' }],
    ] as const
  ).map(
    ([path, value]): Trap => [
      `a call of another ${path} than is authorized`,
      () => at([`${OP}.host_function.invoke_contract.${path}`, value]),
      'INVOCATION_DIFFERS',
      'operations[0].hostFunction',
    ],
  ),
  [
    'an authorization of another amount than is called',
    () => at([`${ENTRY}.root_invocation.function.contract_fn.args.2`, { i128: '1' }]),
    'INVOCATION_DIFFERS',
    'operations[0].hostFunction',
  ],
  [
    'an authorized contract that calls the token underneath',
    () =>
      at(
        [`${OP}.host_function`, { invoke_contract: { ...call, contract_address: contract(7) } }],
        [`${ENTRY}.root_invocation.function.contract_fn.contract_address`, contract(7)],
        [`${ENTRY}.root_invocation.sub_invocations`, [entry.root_invocation]],
      ),
    'SUB_INVOCATIONS',
    `${AUTH}.invocation.subInvocations`,
  ],
  [
    'another function, called and authorized alike',
    () =>
      at(
        [`${OP}.host_function.invoke_contract.function_name`, 'approve'],
        [`${ENTRY}.root_invocation.function.contract_fn.function_name`, 'approve'],
      ),
    'UNSUPPORTED_INVOCATION',
    `${AUTH}.invocation.function`,
  ],
];

const AUTHORIZATION: Trap[] = [
  ['no authorization', () => at([`${OP}.auth`, []]), 'AUTHORIZATION_COUNT', 'operations[0].auth'],
  ['the authorization twice', () => at([`${OP}.auth`, [entry, entry]]), 'AUTHORIZATION_COUNT', 'operations[0].auth'],
  [
    'a second authorization of another account',
    () => at([`${OP}.auth`, [entry, edited(entry, 'credentials.address.address', account(7))]]),
    'AUTHORIZATION_COUNT',
    'operations[0].auth',
  ],
  [
    'a second authorization, by the channel as source',
    () => at([`${OP}.auth`, [entry, edited(entry, 'credentials', 'source_account')]]),
    'AUTHORIZATION_COUNT',
    'operations[0].auth',
  ],
  [
    'the authorization of the source account',
    () => at([`${ENTRY}.credentials`, 'source_account']),
    'UNSUPPORTED_CREDENTIALS',
    `${AUTH}.credentials`,
  ],
  [
    'credentials of an address, version 2',
    () => at([`${ENTRY}.credentials`, { address_v2: entry.credentials.address }]),
    'UNSUPPORTED_CREDENTIALS',
    `${AUTH}.credentials`,
  ],
  ['no signature', () => at([SIGNATURE, 'void']), 'NOT_SIGNED', `${AUTH}.credentials.signature`],
  ...(
    [
      ['a bare signature', () => at([SIGNATURE, bytes(64)])],
      ['a map without its vector', () => at([SIGNATURE, { map: [keyPair, signaturePair] }])],
      ['a vector without a value', () => at([SIGNATURE, { vec: null }])],
      ['an empty vector', () => signatures()],
      ['two signatures', () => signatures({ map: [keyPair, signaturePair] }, { map: [keyPair, signaturePair] })],
      ['a second value in the vector', () => signatures({ map: [keyPair, signaturePair] }, 'void')],
      ['an empty map', () => signatures({ map: [] })],
      ['a map without a value', () => signatures({ map: null })],
      ['a vector in the vector', () => signatures({ vec: [keyPair.val, signaturePair.val] })],
      ['keys in another order', () => signatures({ map: [signaturePair, keyPair] })],
      ['a key without a signature', () => signatures({ map: [keyPair] })],
      ['a signature without a key', () => signatures({ map: [signaturePair] })],
      ['a third entry', () => signatures({ map: [keyPair, signaturePair, { key: { symbol: 'z' }, val: 'void' }] })],
      ['the same key twice', () => signatures({ map: [keyPair, keyPair] })],
      ['text for a symbol', () => signatures({ map: [{ ...keyPair, key: { string: 'public_key' } }, signaturePair] })],
      ['another symbol', () => signatures({ map: [{ ...keyPair, key: { symbol: 'publickey' } }, signaturePair] })],
      ['a key of 33 bytes', () => signatures({ map: [{ ...keyPair, val: bytes(33) }, signaturePair] })],
      [
        'a key that is an address',
        () => signatures({ map: [{ ...keyPair, val: { address: account(2) } }, signaturePair] }),
      ],
      ['a signature of 63 bytes', () => signatures({ map: [keyPair, { ...signaturePair, val: bytes(63) }] })],
      ['a signature of 65 bytes', () => signatures({ map: [keyPair, { ...signaturePair, val: bytes(65) }] })],
    ] as const
  ).map(([name, trap]): Trap => [name, trap, 'UNSUPPORTED_SIGNATURE', `${AUTH}.credentials.signature`]),
];

const archived = (indexes: number[]) => at(['ext.v1.ext', { v1: { archived_soroban_entries: indexes } }]);
const READ_ONLY = 'sorobanData.footprint.readOnly[1]';
const READ_WRITE = 'sorobanData.footprint.readWrite[1]';
const FOREIGN_KEYS: Record<string, unknown> = {
  offer: { offer: { seller_id: account(2), offer_id: '1' } },
  data: { data: { account_id: account(2), data_name: 'x' } },
  claimable_balance: { claimable_balance: { balance_id: StrKey.encodeClaimableBalance(new Uint8Array(33)) } },
  liquidity_pool: { liquidity_pool: { liquidity_pool_id: StrKey.encodeLiquidityPool(new Uint8Array(32)) } },
  config_setting: { config_setting: { config_setting_id: 'contract_max_size_bytes' } },
  ttl: { ttl: { key_hash: '00'.repeat(32) } },
};

const RESOURCES: Trap[] = [
  ['an archived entry', () => archived([1]), 'ENTRY_ARCHIVED_IN_FOOTPRINT', 'sorobanData.ext'],
  ['an extension without archived entries', () => archived([]), 'ENTRY_ARCHIVED_IN_FOOTPRINT', 'sorobanData.ext'],
  ['a negative resource fee', () => at(['ext.v1.resource_fee', '-1']), 'INVALID_FEE', 'sorobanData.resourceFee'],
  [
    'a resource fee above the whole fee',
    () => at(['ext.v1.resource_fee', '60101']),
    'INVALID_FEE',
    'sorobanData.resourceFee',
  ],
  ['a fee below the resource fee', () => at(['fee', 59_999]), 'INVALID_FEE', 'sorobanData.resourceFee'],
  [
    'an entry twice in one set',
    () => key('read_only', ext.v1.resources.footprint.read_only[0]),
    'DUPLICATE_FOOTPRINT_KEY',
    READ_ONLY,
  ],
  [
    'an entry in both sets',
    () => key('read_write', ext.v1.resources.footprint.read_only[0]),
    'DUPLICATE_FOOTPRINT_KEY',
    READ_WRITE,
  ],
  ...Object.entries(FOREIGN_KEYS).map(
    ([name, value]): Trap => [
      `an entry of type ${name}`,
      () => key('read_only', value),
      'UNSUPPORTED_FOOTPRINT_KEY',
      READ_ONLY,
    ],
  ),
  [
    'a trust line of the native asset',
    () => key('read_write', { trustline: { account_id: account(2), asset: 'native' } }),
    'UNSUPPORTED_FOOTPRINT_KEY',
    READ_WRITE,
  ],
  [
    'a trust line of a liquidity pool',
    () =>
      key('read_write', {
        trustline: { account_id: account(2), asset: { pool_share: StrKey.encodeLiquidityPool(new Uint8Array(32)) } },
      }),
    'UNSUPPORTED_ASSET',
    `${READ_WRITE}.asset`,
  ],
  [
    'a persistent nonce',
    () => key('read_write', data(account(2), { ledger_key_nonce: { nonce: '-5' } }, 'persistent')),
    'UNSUPPORTED_FOOTPRINT_KEY',
    READ_WRITE,
  ],
  [
    'the nonce of a contract',
    () => key('read_write', data(contract(2), { ledger_key_nonce: { nonce: '-5' } }, 'temporary')),
    'INVALID_ADDRESS',
    `${READ_WRITE}.contract`,
  ],
  [
    'a temporary instance',
    () => key('read_only', data(contract(9), 'ledger_key_contract_instance', 'temporary')),
    'UNSUPPORTED_FOOTPRINT_KEY',
    READ_ONLY,
  ],
  [
    'the instance of an account',
    () => key('read_only', data(account(9), 'ledger_key_contract_instance', 'persistent')),
    'INVALID_ADDRESS',
    `${READ_ONLY}.contract`,
  ],
  ...(
    [
      ['a muxed account', muxed(9, 1n)],
      ['a liquidity pool', StrKey.encodeLiquidityPool(new Uint8Array(32))],
      ['a claimable balance', StrKey.encodeClaimableBalance(new Uint8Array(33))],
    ] as const
  ).map(
    ([name, holder]): Trap => [
      `contract data of ${name}`,
      () => key('read_write', data(holder, { u32: 1 }, 'persistent')),
      'INVALID_ADDRESS',
      `${READ_WRITE}.contract`,
    ],
  ),
  [
    'contract data under a key of 1,028 bytes',
    () => key('read_write', data(contract(9), bytes(1_020), 'persistent')),
    'UNSUPPORTED_FOOTPRINT_KEY',
    READ_WRITE,
  ],
  [
    'contract data under a key nested 100 deep',
    () => nested(key('read_write', data(contract(9), { u32: 0x1122 }, 'persistent')), 100),
    'UNSUPPORTED_FOOTPRINT_KEY',
    READ_WRITE,
  ],
  [
    'contract data of an account',
    () => key('read_write', data(account(9), { u32: 1 }, 'persistent')),
    'INVALID_ADDRESS',
    `${READ_WRITE}.contract`,
  ],
];

/** With a vector in a vector… in place of the key that is a number. */
function nested(bytes: Uint8Array, depth: number): Uint8Array {
  const hex = Buffer.from(bytes).toString('hex');
  const vectors = `${'000000100000000100000001'.repeat(depth)}00000001`;
  return new Uint8Array(Buffer.from(hex.replace('0000000300001122', vectors), 'hex'));
}

describe('a trap in an invocation', () => {
  test.each([...TRANSACTION, ...CALL, ...AUTHORIZATION, ...RESOURCES])('%s', (_name, trap, code, field) => {
    const bytes = trap();
    expect(refusedWith(() => decodeStellarTransaction(STANDALONE, bytes))).toEqual({ code, field });
  });

  test('the twin of an asset code on a trust line', () => {
    // The Rust library writes a short code into AlphaNum4 whatever it is told, so the bytes are changed by hand.
    const known = key('read_write', {
      trustline: { account_id: account(2), asset: { credit_alphanum12: { asset_code: 'USDCX', issuer: account(8) } } },
    });
    const hex = Buffer.from(known).toString('hex');
    const twin = hex.replace(Buffer.from('USDCX').toString('hex'), Buffer.from('USDC\0').toString('hex'));
    expect(decodeInvocation(STANDALONE, known).resources.readWrite[1]).toMatchObject({ type: 'trustline' });
    expect(refusedWith(() => decodeStellarTransaction(STANDALONE, Buffer.from(twin, 'hex')))).toEqual({
      code: 'INVALID_ASSET_CODE',
      field: `${READ_WRITE}.asset.code`,
    });
  });

  test('the envelope that they all vary is accepted', () => {
    expect(at()).toEqual(envelope);
    expect(decodeInvocation(STANDALONE, envelope).resources.readWrite[1]).toMatchObject({ account: account(2) });
    expect(usd).toEqual(ext.v1.resources.footprint.read_write[1].trustline.asset);
    expect(signature).toEqual(signatureJson(decodeInvocation(STANDALONE, envelope).authorization));
    expect(hostFunction.invoke_contract).toEqual(call);
  });

  test('contract data may have a key of 1,024 bytes', () => {
    const envelope = key('read_write', data(contract(9), bytes(1_016), 'persistent'));
    expect(decodeInvocation(STANDALONE, envelope).resources.readWrite[1]).toMatchObject({ type: 'contractData' });
  });

  test('every type of ledger entry there is was tried', () => {
    const known = [...Object.keys(FOREIGN_KEYS), 'account', 'trustline', 'contract_data', 'contract_code'];
    expect(JSON.parse(schema('LedgerEntryType')).enum.toSorted()).toEqual(known.toSorted());
  });

  test('every host function there is was tried', () => {
    expect(JSON.parse(schema('HostFunctionType')).enum.toSorted()).toEqual([
      'create_contract',
      'create_contract_v2',
      'invoke_contract',
      'upload_contract_wasm',
    ]);
  });
});
