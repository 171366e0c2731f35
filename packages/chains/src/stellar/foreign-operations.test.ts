import { describe, expect, test } from '@jest/globals';
import { StrKey } from '@stellar/stellar-sdk/base';
import { schema } from '@stellar/stellar-xdr-json';
import { account, decodeClassic, jsonOf, payoutOf, rustEncode, STANDALONE } from '../../testing/stellar.ts';
import { buildStellarPayout } from './build.ts';
import { decodeStellarTransaction } from './decode.ts';

const { envelope } = buildStellarPayout(payoutOf({ memo: { type: 'text', value: 'hello' } }));

const G = account(9);
const POOL = StrKey.encodeLiquidityPool(new Uint8Array(32));
const BALANCE = StrKey.encodeClaimableBalance(new Uint8Array(33));
const price = { n: 1, d: 1 };
const offer = { selling: 'native', buying: 'native', price, offer_id: '0' };
// Every other operation there is, as the Rust XDR library writes it.
const FOREIGN_OPERATIONS: Record<string, unknown> = {
  pathPaymentStrictReceive: {
    path_payment_strict_receive: {
      send_asset: 'native',
      send_max: '1',
      destination: G,
      dest_asset: 'native',
      dest_amount: '1',
      path: [],
    },
  },
  pathPaymentStrictSend: {
    path_payment_strict_send: {
      send_asset: 'native',
      send_amount: '1',
      destination: G,
      dest_asset: 'native',
      dest_min: '1',
      path: [],
    },
  },
  manageSellOffer: { manage_sell_offer: { ...offer, amount: '1' } },
  manageBuyOffer: { manage_buy_offer: { ...offer, buy_amount: '1' } },
  createPassiveSellOffer: {
    create_passive_sell_offer: { selling: 'native', buying: 'native', amount: '1', price },
  },
  setOptions: {
    set_options: {
      inflation_dest: null,
      clear_flags: null,
      set_flags: null,
      master_weight: 255,
      low_threshold: null,
      med_threshold: null,
      high_threshold: null,
      home_domain: null,
      signer: { key: G, weight: 255 },
    },
  },
  changeTrust: { change_trust: { line: 'native', limit: '1' } },
  allowTrust: { allow_trust: { trustor: G, asset: 'USD', authorize: 1 } },
  accountMerge: { account_merge: G },
  inflation: 'inflation',
  manageData: { manage_data: { data_name: 'x', data_value: null } },
  createClaimableBalance: { create_claimable_balance: { asset: 'native', amount: '1', claimants: [] } },
  claimClaimableBalance: { claim_claimable_balance: { balance_id: BALANCE } },
  beginSponsoringFutureReserves: { begin_sponsoring_future_reserves: { sponsored_id: G } },
  endSponsoringFutureReserves: 'end_sponsoring_future_reserves',
  revokeSponsorship: { revoke_sponsorship: { ledger_entry: { account: { account_id: G } } } },
  clawback: { clawback: { asset: 'native', from: G, amount: '1' } },
  clawbackClaimableBalance: { clawback_claimable_balance: { balance_id: BALANCE } },
  setTrustLineFlags: { set_trust_line_flags: { trustor: G, asset: 'native', clear_flags: 0, set_flags: 0 } },
  liquidityPoolDeposit: {
    liquidity_pool_deposit: {
      liquidity_pool_id: POOL,
      max_amount_a: '1',
      max_amount_b: '1',
      min_price: price,
      max_price: price,
    },
  },
  liquidityPoolWithdraw: {
    liquidity_pool_withdraw: { liquidity_pool_id: POOL, amount: '1', min_amount_a: '1', min_amount_b: '1' },
  },
  invokeHostFunction: {
    invoke_host_function: { host_function: { upload_contract_wasm: '00' }, auth: [] },
  },
  extendFootprintTtl: { extend_footprint_ttl: { ext: 'v0', extend_to: 1 } },
  restoreFootprint: { restore_footprint: { ext: 'v0' } },
};

describe('an operation that is no payout', () => {
  const good = jsonOf(decodeClassic(STANDALONE, envelope)) as { tx: { tx: { operations: unknown[] } } };
  const { tx } = good.tx;
  const [first] = tx.operations;

  test.each(Object.entries(FOREIGN_OPERATIONS))('%s, hidden among 99 payments', (name, body) => {
    const operations = new Array(100).fill(first).with(41, { source_account: null, body });
    const bytes = rustEncode({ tx: { tx: { ...tx, operations }, signatures: [] } });
    expect(() => decodeStellarTransaction(STANDALONE, bytes)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_OPERATION',
        field: 'operations[41]',
        message: expect.stringContaining(`got ${name}`),
      }),
    );
  });

  test('no other operation exists', () => {
    const known = [...Object.keys(FOREIGN_OPERATIONS), 'payment', 'createAccount', 'bumpSequence'];
    const inSnakeCase = known.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
    expect(JSON.parse(schema('OperationType')).enum.toSorted()).toEqual(inSnakeCase.toSorted());
  });
});
