import { account, contract, muxed } from '@countersign/chains/testing/stellar';
import { StrKey } from '@stellar/stellar-sdk/base';
import type { Json } from '../tree.ts';

// Parts that no transaction of ours has, as the Rust XDR library writes them: they are put into transactions that have none.

const G = account(9);
const POOL = StrKey.encodeLiquidityPool(new Uint8Array(32));
const BALANCE = StrKey.encodeClaimableBalance(new Uint8Array(33));
const ADDRESSES = [G, account(2), account(3), muxed(3, 1n), contract(3), contract(9), POOL, BALANCE];
const price = { n: 1, d: 1 };

const VALUES: Json[] = [
  'void',
  { bool: true },
  { u32: 1 },
  { i64: '-1' },
  { u128: '1' },
  { i128: '-1' },
  { i128: `${2n ** 64n}` },
  { i256: '1' },
  { bytes: '07'.repeat(64) },
  { string: 'x' },
  { symbol: 'transfer' },
  { vec: null },
  { vec: [{ vec: [{ vec: [] }] }] },
  { map: null },
  {
    map: [
      { key: { symbol: 'amount' }, val: { i128: '1' } },
      { key: { symbol: 'to_muxed_id' }, val: { u64: '1' } },
    ],
  },
  { error: { contract: 1 } },
  'ledger_key_contract_instance',
  { ledger_key_nonce: { nonce: '1' } },
  ...ADDRESSES.map((address) => ({ address })),
];
const call = { contract_address: contract(9), function_name: 'transfer', args: VALUES };
const creation = {
  contract_id_preimage: { address: { address: G, salt: '00'.repeat(32) } },
  executable: 'stellar_asset',
};
const functions: Json[] = [
  { contract_fn: call },
  { contract_fn: { ...call, function_name: 'approve' } },
  { create_contract_host_fn: creation },
  { create_contract_v2_host_fn: { ...creation, constructor_args: [] } },
];
const invocations: Json[] = functions.map((each) => ({ function: each, sub_invocations: [] }));
const credentials = { address: G, nonce: '-5', signature_expiration_ledger: 7, signature: 'void' };

/** Kinds of credentials, functions, addresses and values. */
export const ENTRY_PARTS: Json = [
  ...[
    'source_account',
    { address: credentials },
    { address_v2: credentials },
    { address_with_delegates: { address_credentials: credentials, delegates: [] } },
  ].map((each) => ({ credentials: each })),
  ...invocations.map((root) => ({ root_invocation: root, sub_invocations: invocations })),
  ...VALUES.map((value) => ({ signature: value, val: value, key: value })),
  ...ADDRESSES.map((address) => ({ address, contract_address: address, destination: address, contract: address })),
];

/** Every operation of which one may hide among payments. */
export const OPERATIONS: Json = {
  operations: [
    { payment: { destination: muxed(9, 1n), asset: 'native', amount: '1' } },
    { create_account: { destination: G, starting_balance: '1' } },
    { bump_sequence: { bump_to: '5001216' } },
    { account_merge: G },
    'inflation',
    'end_sponsoring_future_reserves',
    { begin_sponsoring_future_reserves: { sponsored_id: G } },
    { manage_data: { data_name: 'x', data_value: '00' } },
    { change_trust: { line: 'native', limit: '1' } },
    { allow_trust: { trustor: G, asset: 'USD', authorize: 1 } },
    { clawback: { asset: 'native', from: muxed(9, 1n), amount: '1' } },
    { claim_claimable_balance: { balance_id: BALANCE } },
    { create_claimable_balance: { asset: 'native', amount: '1', claimants: [] } },
    { extend_footprint_ttl: { ext: 'v0', extend_to: 1 } },
    { restore_footprint: { ext: 'v0' } },
    { set_trust_line_flags: { trustor: G, asset: 'native', clear_flags: 0, set_flags: 1 } },
    { manage_sell_offer: { selling: 'native', buying: 'native', amount: '1', price, offer_id: '0' } },
    {
      path_payment_strict_send: {
        send_asset: 'native',
        send_amount: '1',
        destination: G,
        dest_asset: 'native',
        dest_min: '1',
        path: ['native'],
      },
    },
    {
      set_options: {
        inflation_dest: null,
        clear_flags: null,
        set_flags: null,
        master_weight: 255,
        low_threshold: null,
        med_threshold: null,
        high_threshold: null,
        home_domain: 'x',
        signer: { key: G, weight: 255 },
      },
    },
    { invoke_host_function: { host_function: { upload_contract_wasm: '00' }, auth: [] } },
    { invoke_host_function: { host_function: { create_contract: creation }, auth: [] } },
  ].map((body) => ({ source_account: muxed(2, 1n), body })),
};

const keys: Json[] = [
  { account: { account_id: G } },
  { trustline: { account_id: G, asset: 'native' } },
  { trustline: { account_id: G, asset: { pool_share: POOL } } },
  { offer: { seller_id: G, offer_id: '1' } },
  { data: { account_id: G, data_name: 'x' } },
  { claimable_balance: { balance_id: BALANCE } },
  { liquidity_pool: { liquidity_pool_id: POOL } },
  { config_setting: { config_setting_id: 'contract_max_size_bytes' } },
  { ttl: { key_hash: '00'.repeat(32) } },
  { contract_code: { hash: '00'.repeat(32) } },
  ...ADDRESSES.map((holder) => ({ contract_data: { contract: holder, key: { u32: 1 }, durability: 'temporary' } })),
];
const timeBounds = { min_time: '0', max_time: '0' };
const sorobanData = {
  ext: { v1: { archived_soroban_entries: [0] } },
  resources: { footprint: { read_only: keys, read_write: keys }, instructions: 1, disk_read_bytes: 1, write_bytes: 1 },
  resource_fee: '-1',
};

/** What a transaction may have around its operations. */
export const TRANSACTION_PARTS: Json = [
  ...[G, muxed(1, 1n)].map((source) => ({ source_account: source })),
  ...[
    'none',
    { id: '7' },
    { text: 'x' },
    { text: '\\xff' },
    { hash: '00'.repeat(32) },
    { return: '00'.repeat(32) },
  ].map((memo) => ({ memo })),
  ...[
    'none',
    { time: timeBounds },
    {
      v2: {
        time_bounds: timeBounds,
        ledger_bounds: { min_ledger: 0, max_ledger: 0 },
        min_seq_num: '1',
        min_seq_age: '1',
        min_seq_ledger_gap: 1,
        extra_signers: [G],
      },
    },
  ].map((cond) => ({ cond })),
  ...['v0', { v1: sorobanData }].map((ext) => ({ ext })),
  ...[
    'native',
    { credit_alphanum4: { asset_code: 'USD', issuer: G } },
    { credit_alphanum12: { asset_code: 'LONGCODE', issuer: G } },
  ].map((asset) => ({ asset })),
  { signatures: [{ hint: '00000000', signature: '00'.repeat(64) }] },
];
