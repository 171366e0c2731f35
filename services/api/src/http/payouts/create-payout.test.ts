import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApiHarness, BODY, DESTINATION, startApiHarness } from '../../../testing/api-harness.ts';
import { ERC20_ASSET, EVM_ASSET, STELLAR_ASSET, TREASURY } from '../../../testing/chains.ts';
import { payoutSchema } from './payout-resource.ts';

const EVM_DESTINATION = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const EVM = { asset: EVM_ASSET, amount: '0.1', destination: EVM_DESTINATION };
const CONTRACT = 'CADQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQOBYHA4DQP5KR';

describe('POST /v1/payouts', () => {
  let api: ApiHarness;

  beforeAll(async () => {
    api = await startApiHarness();
  });
  afterAll(() => api.stop());

  test('accepts a payout with everything in it, and shows it', async () => {
    const body = {
      ...BODY,
      memo: { type: 'text', value: 'invoice 42' },
      key: 'treasury-stellar',
      external_id: 'invoice-42',
      metadata: { customer: 'Zoë', order: '7' },
    };
    const answer = await api.post(body, { 'x-request-id': 'req-1' });
    expect(answer.statusCode).toBe(202);
    const payout = payoutSchema.parse(answer.json());
    expect(payout).toEqual({
      ...body,
      id: expect.stringMatching(/^po_[0-9a-f]{32}$/),
      chain: 'stellar:standalone',
      path: null,
      status: 'created',
      reason: null,
      hash: null,
      request_id: 'req-1',
      created_at: expect.any(String),
      updated_at: payout.created_at,
    });
    expect(answer.headers).toMatchObject({ location: `/v1/payouts/${payout.id}`, 'x-request-id': 'req-1' });
    expect((await api.get(`/v1/payouts/${payout.id}`)).json()).toEqual(payout);
  });

  test('stores the payout, its first event and the audit event together', async () => {
    const { id } = (await api.post(EVM, { 'x-request-id': 'req-2' })).json();
    const { rows: events } = await api.pool.query(
      'select from_status, to_status from payout_events where payout_id = $1',
      [id],
    );
    expect(events).toEqual([{ from_status: null, to_status: 'created' }]);
    const { rows: payouts } = await api.pool.query('select amount, destination, key_id from payouts where id = $1', [
      id,
    ]);
    expect(payouts).toEqual([{ amount: '100000000000000000', destination: EVM_DESTINATION, key_id: 'treasury-evm' }]);
    const { rows: audits } = await api.pool.query('select event from audit_events where request_id = $1', ['req-2']);
    expect(audits).toHaveLength(1);
    expect(audits[0].event).toMatchObject({ eventName: 'CreatePayout', resources: [{ type: 'Payout', id }] });
  });

  test('wakes the engine when the payout is there, and not before', async () => {
    const listener = await api.pool.connect();
    try {
      await listener.query('listen payouts');
      const heard = new Promise<bigint>((resolve, reject) => {
        listener.on('notification', () => api.count('payouts').then((count) => resolve(BigInt(count)), reject));
      });
      const before = await api.count('payouts');
      await api.post(BODY);
      expect(await heard).toBe(BigInt(before + 1));
    } finally {
      listener.release(true);
    }
  });

  test('shows what the engine has made of it', async () => {
    const { id } = (await api.post(BODY)).json();
    await api.pool.query(
      `update payouts set status = 'failed', path = 'kms', hash = 'ab', reason_code = 'OP_NO_TRUST', reason_detail = 'x' where id = $1`,
      [id],
    );
    expect((await api.get(`/v1/payouts/${id}`)).json()).toMatchObject({
      status: 'failed',
      path: 'kms',
      hash: 'ab',
      reason: { code: 'OP_NO_TRUST', detail: 'x' },
    });
  });

  test('shows a payout in an asset as it was asked for, also when the asset is configured no more', async () => {
    const body = { asset: ERC20_ASSET.toLowerCase(), amount: '12.50', destination: EVM_DESTINATION };
    const { id } = (await api.post(body)).json();
    const shown = { asset: ERC20_ASSET, amount: '12.5', chain: 'eip155:31337' };
    expect((await api.get(`/v1/payouts/${id}`)).json()).toMatchObject(shown);
    const removed = ERC20_ASSET.replace('0x5FbDB', '0x5fbDB');
    await api.pool.query('update payouts set asset = $2 where id = $1', [id, removed]);
    expect((await api.get(`/v1/payouts/${id}`)).json()).toMatchObject({ ...shown, asset: removed });
    await api.pool.query('update payouts set asset = $2 where id = $1', [id, ERC20_ASSET]);
    const found = await api.get(`/v1/payouts?${new URLSearchParams({ asset: ERC20_ASSET.toLowerCase() })}`);
    expect(found.json().data).toEqual([expect.objectContaining(shown)]);
  });

  test('takes an external_id once', async () => {
    await api.post({ ...BODY, external_id: 'once' });
    const before = await api.count('payouts');
    const again = await api.post({ ...BODY, external_id: 'once' });
    expect(again.statusCode).toBe(409);
    expect(again.json()).toMatchObject({ code: 'EXTERNAL_ID_TAKEN', errors: [{ field: 'external_id' }] });
    expect(await api.count('payouts')).toBe(before);
  });

  describe('refuses, naming the field, and stores nothing:', () => {
    let before: readonly number[];
    const stored = () => Promise.all([api.count('payouts'), api.count('payout_events'), api.count('idempotency_keys')]);

    beforeEach(async () => {
      before = await stored();
    });

    test.each<[name: string, body: unknown, errors: string[]]>([
      ['no body', null, ['body: INVALID_TYPE']],
      ['a list', [BODY], ['body: INVALID_TYPE']],
      ['a text', '"asset"', ['body: INVALID_TYPE']],
      ['nothing in it', {}, ['asset: REQUIRED', 'amount: REQUIRED', 'destination: REQUIRED']],
      ['an unknown field', { ...BODY, priority: 1 }, ['priority: UNKNOWN_FIELD']],
      ['a field in another spelling', { ...BODY, externalId: 'x' }, ['externalId: UNKNOWN_FIELD']],
      [
        'an unknown field inside the memo',
        { ...BODY, memo: { type: 'id', value: '1', x: 1 } },
        ['memo.x: UNKNOWN_FIELD'],
      ],
      ['a constructor', '{"asset":"a","amount":"1","destination":"d","constructor":1}', ['constructor: UNKNOWN_FIELD']],

      ['an asset that is a number', { ...BODY, asset: 148 }, ['asset: INVALID_TYPE']],
      ['an asset that nobody knows', { ...BODY, asset: 'XLM' }, ['asset: UNKNOWN_ASSET']],
      [
        'an asset of a chain that is not configured',
        { ...BODY, asset: 'stellar:pubnet/slip44:148' },
        ['asset: UNKNOWN_ASSET'],
      ],
      [
        'an asset with another chain’s coin',
        { ...BODY, asset: 'stellar:standalone/slip44:60' },
        ['asset: UNKNOWN_ASSET'],
      ],

      ['an amount that is a number', { ...BODY, amount: 12.5 }, ['amount: INVALID_TYPE']],
      ['a zero amount', { ...BODY, amount: '0' }, ['amount: AMOUNT_OUT_OF_RANGE']],
      ['a zero amount with a fraction', { ...BODY, amount: '0.0000000' }, ['amount: AMOUNT_OUT_OF_RANGE']],
      ['a negative amount', { ...BODY, amount: '-1' }, ['amount: INVALID_AMOUNT']],
      ['a sign', { ...BODY, amount: '+1' }, ['amount: INVALID_AMOUNT']],
      ['an exponent', { ...BODY, amount: '1e3' }, ['amount: INVALID_AMOUNT']],
      ['a space', { ...BODY, amount: ' 1' }, ['amount: INVALID_AMOUNT']],
      ['a line end', { ...BODY, amount: '1\n' }, ['amount: INVALID_AMOUNT']],
      ['a comma', { ...BODY, amount: '1,5' }, ['amount: INVALID_AMOUNT']],
      ['a leading zero', { ...BODY, amount: '01' }, ['amount: INVALID_AMOUNT']],
      ['a hexadecimal amount', { ...BODY, amount: '0x10' }, ['amount: INVALID_AMOUNT']],
      ['digits of another script', { ...BODY, amount: '１' }, ['amount: INVALID_AMOUNT']],
      ['no amount', { ...BODY, amount: '' }, ['amount: TOO_SHORT']],
      ['too precise for Stellar', { ...BODY, amount: '0.00000001' }, ['amount: AMOUNT_TOO_PRECISE']],
      ['too precise for EVM', { ...EVM, amount: '0.0000000000000000001' }, ['amount: AMOUNT_TOO_PRECISE']],
      ['more than an int64', { ...BODY, amount: '922337203685.4775808' }, ['amount: AMOUNT_OUT_OF_RANGE']],
      ['a hundred digits', { ...EVM, amount: '9'.repeat(100) }, ['amount: AMOUNT_OUT_OF_RANGE']],
      ['more digits than that', { ...EVM, amount: '9'.repeat(101) }, ['amount: TOO_LONG']],

      ['a wrong checksum', { ...BODY, destination: `${DESTINATION.slice(0, -1)}A` }, ['destination: INVALID_ADDRESS']],
      ['a secret seed', { ...BODY, destination: `S${DESTINATION.slice(1)}` }, ['destination: INVALID_ADDRESS']],
      ['a lower-case account', { ...BODY, destination: DESTINATION.toLowerCase() }, ['destination: INVALID_ADDRESS']],
      ['an EVM address on Stellar', { ...BODY, destination: EVM_DESTINATION }, ['destination: INVALID_ADDRESS']],
      ['a Stellar account on EVM', { ...EVM, destination: DESTINATION }, ['destination: INVALID_ADDRESS']],
      ['a contract', { ...BODY, destination: CONTRACT }, ['destination: CONTRACT_NOT_ALLOWED']],
      ['the treasury', { ...BODY, destination: TREASURY }, ['destination: OWN_ACCOUNT']],
      [
        'a wrong EIP-55 checksum',
        { ...EVM, destination: EVM_DESTINATION.replace('CdD', 'cdD') },
        ['destination: INVALID_ADDRESS'],
      ],
      ['an address without 0x', { ...EVM, destination: EVM_DESTINATION.slice(2) }, ['destination: INVALID_ADDRESS']],
      [
        'an address that is short',
        { ...EVM, destination: EVM_DESTINATION.slice(0, -1) },
        ['destination: INVALID_ADDRESS'],
      ],
      ['the zero address', { ...EVM, destination: `0x${'0'.repeat(40)}` }, ['destination: ZERO_ADDRESS']],

      ['a memo on EVM', { ...EVM, memo: { type: 'text', value: 'x' } }, ['memo: MEMO_NOT_ALLOWED']],
      ['a memo that is a text', { ...BODY, memo: 'x' }, ['memo: INVALID_TYPE']],
      ['a memo without type', { ...BODY, memo: { value: 'x' } }, ['memo.type: REQUIRED']],
      ['a memo of an unknown type', { ...BODY, memo: { type: 'none', value: 'x' } }, ['memo.type: INVALID_VALUE']],
      ['a memo without value', { ...BODY, memo: { type: 'id' } }, ['memo.value: REQUIRED']],
      ['an empty memo', { ...BODY, memo: { type: 'text', value: '' } }, ['memo.value: TOO_SHORT']],
      ['29 bytes of memo', { ...BODY, memo: { type: 'text', value: 'x'.repeat(29) } }, ['memo.value: TOO_LONG']],
      [
        '29 bytes in 15 characters',
        { ...BODY, memo: { type: 'text', value: `${'é'.repeat(14)}x` } },
        ['memo.value: TOO_LONG'],
      ],
      ['a NUL in the memo', { ...BODY, memo: { type: 'text', value: 'a\0' } }, ['memo.value: INVALID_CHARACTERS']],
      ['a memo id of 2^64', { ...BODY, memo: { type: 'id', value: '18446744073709551616' } }, ['memo.value: TOO_BIG']],
      ['a memo id that is a number', { ...BODY, memo: { type: 'id', value: 7 } }, ['memo.value: INVALID_TYPE']],
      ['a memo id with a leading zero', { ...BODY, memo: { type: 'id', value: '07' } }, ['memo.value: INVALID_FORMAT']],
      [
        'a memo hash of 31 bytes',
        { ...BODY, memo: { type: 'hash', value: 'ab'.repeat(31) } },
        ['memo.value: INVALID_FORMAT'],
      ],
      [
        'a memo hash in base64',
        { ...BODY, memo: { type: 'return', value: 'z'.repeat(64) } },
        ['memo.value: INVALID_FORMAT'],
      ],

      ['an unknown key', { ...BODY, key: 'treasury' }, ['key: UNKNOWN_KEY']],
      ['the key of another chain', { ...BODY, key: 'treasury-evm' }, ['key: UNKNOWN_KEY']],
      ['an empty external_id', { ...BODY, external_id: '' }, ['external_id: TOO_SHORT']],
      ['an external_id of 129', { ...BODY, external_id: 'x'.repeat(129) }, ['external_id: TOO_LONG']],
      ['a NUL in the external_id', { ...BODY, external_id: 'a\0b' }, ['external_id: INVALID_CHARACTERS']],
      ['a lone surrogate', { ...BODY, external_id: 'a\ud800' }, ['external_id: INVALID_CHARACTERS']],
      ['a null external_id', { ...BODY, external_id: null }, ['external_id: INVALID_TYPE']],
      ['metadata that is a list', { ...BODY, metadata: ['x'] }, ['metadata: INVALID_TYPE']],
      ['metadata that is deep', { ...BODY, metadata: { a: { b: 'c' } } }, ['metadata.a: INVALID_TYPE']],
      ['a number in the metadata', { ...BODY, metadata: { a: 1 } }, ['metadata.a: INVALID_TYPE']],
      ['a long metadata value', { ...BODY, metadata: { a: 'x'.repeat(501) } }, ['metadata.a: TOO_LONG']],
      ['a bad metadata name', { ...BODY, metadata: { 'a b': 'x' } }, ['metadata.a b: INVALID_FORMAT']],
      [
        '21 metadata entries',
        { ...BODY, metadata: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`k${i}`, 'x'])) },
        ['metadata: TOO_MANY_ENTRIES'],
      ],
      ['an abyss', `{"metadata":${'['.repeat(1000)}${']'.repeat(1000)}}`, ['body: TOO_DEEP']],
      ['truncated JSON', '{"asset":', ['body: MALFORMED_JSON']],
      ['JSON with a comment', '{} // x', ['body: MALFORMED_JSON']],
      ['a prototype', `{"asset":"${STELLAR_ASSET}","__proto__":{"amount":"1"}}`, ['body: MALFORMED_JSON']],
      ['an empty body', '', ['body: MALFORMED_JSON']],
    ])('%s', async (_name, body, errors) => {
      const answer = await api.post(body);
      expect(answer.statusCode).toBe(400);
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
      const problem = answer.json();
      expect(problem).toMatchObject({ status: 400, code: 'VALIDATION_FAILED', title: 'The request is not valid' });
      expect(problem.errors.map((error: { field: string; code: string }) => `${error.field}: ${error.code}`)).toEqual(
        errors,
      );
      for (const { message } of problem.errors) expect(message.length).toBeGreaterThan(10);
      expect(await stored()).toEqual(before);
    });

    test('an unknown field with an endless name, which is cut short', async () => {
      const answer = await api.post({ ...BODY, ['n'.repeat(10_000)]: 1 });
      expect(answer.json().errors).toMatchObject([{ field: 'n'.repeat(64), code: 'UNKNOWN_FIELD' }]);
    });

    test('ten thousand unknown fields, with an answer of bounded size', async () => {
      const body = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`f${i}`, 1]));
      const answer = await api.post(body);
      expect(answer.json().errors).toHaveLength(100);
      expect(await stored()).toEqual(before);
    });
  });
});
