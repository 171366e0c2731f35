import { createSshSigner, type SshSigner } from '@countersign/dev/ssh-signer';
import { type ApprovalTerms, approvalStatement } from '@countersign/sshsig/approval';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ApiHarness, BODY, startApiHarness } from '../../../testing/api-harness.ts';
import { EVM_ASSET, EVM_TREASURY, SOROBAN_TREASURY, TREASURY } from '../../../testing/chains.ts';
import { mintApiKey } from '../access/mint.ts';

const NAMESPACE = 'countersign-approval';
const EVM_DESTINATION = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC';
const alice = createSshSigner('alice');
const bob = createSshSigner('bob', 'ecdsa-sha2-nistp256');
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

describe('approvals of a payout', () => {
  let api: ApiHarness;
  let id: string;

  beforeAll(async () => {
    api = await startApiHarness();
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    id = (await api.post({ ...BODY, memo: { type: 'text', value: 'invoice “42”' } })).json().id;
  });

  const terms = (expires: number): ApprovalTerms => ({
    payoutId: id,
    keyId: 'treasury-stellar',
    account: TREASURY,
    network: 'stellar:standalone',
    destination: BODY.destination,
    asset: BODY.asset,
    amount: 125_000_000n,
    memo: 'text:invoice “42”',
    expiresAt: BigInt(expires),
  });
  const signed = (by: SshSigner, expires: number, changes: Partial<ApprovalTerms> = {}) =>
    by.armored(NAMESPACE, approvalStatement({ ...terms(expires), ...changes }));
  const send = (payload: unknown, headers: Record<string, string> = {}) =>
    api.server.inject({
      method: 'POST',
      url: `/v1/payouts/${id}/approvals`,
      headers: { authorization: `Bearer ${api.secret}`, 'content-type': 'application/json', ...headers },
      payload: JSON.stringify(payload),
    });
  const approve = (by: SshSigner, expires = inAnHour()) =>
    send({ expires_at: expires, signature: signed(by, expires) });
  const moveTo = (status: string) =>
    api.pool.query(
      `update payouts set status = $2, reason_code = 'APPROVAL_REQUIRED', reason_detail = 'x' where id = $1`,
      [id, status],
    );

  test('show the terms that are signed for', async () => {
    const answer = await api.get(`/v1/payouts/${id}/approvals`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({
      payout: id,
      key: 'treasury-stellar',
      account: TREASURY,
      chain: 'stellar:standalone',
      destination: BODY.destination,
      asset: BODY.asset,
      amount: '12.5',
      amount_units: '125000000',
      decimals: 7,
      memo: { type: 'text', value: 'invoice “42”' },
      status: 'created',
      reason: null,
      approvals: [],
    });
  });

  test('show the account of an EVM key', async () => {
    const payout = await api.post({ ...BODY, asset: EVM_ASSET, destination: EVM_DESTINATION });
    const { account } = (await api.get(`/v1/payouts/${payout.json().id}/approvals`)).json();
    expect(account).toBe(EVM_TREASURY);
  });

  test.each([
    ['chain', 'stellar:pubnet', 'treasury-stellar'],
    ['key', 'stellar:standalone', 'treasury-evm'],
  ])('are an error, and take none, where the %s of the payout is configured no more', async (_name, chain, key) => {
    await api.pool.query('update payouts set chain = $2, key_id = $3 where id = $1', [id, chain, key]);
    const answers = [await api.get(`/v1/payouts/${id}/approvals`), await approve(alice)];
    const refusal = [409, 'PAYER_UNKNOWN', `The key ${key} is configured no more to pay on ${chain}`];
    expect(answers.map((answer) => [answer.statusCode, answer.json().code, answer.json().detail])).toEqual([
      refusal,
      refusal,
    ]);
  });

  test('are stored as SSHSIG blobs, one for each key, the newest first', async () => {
    const expires = inAnHour();
    await approve(alice, expires);
    const answer = await approve(bob, expires + 1);
    expect(answer.statusCode).toBe(200);
    expect(answer.json().approvals).toEqual([
      { fingerprint: bob.fingerprint, expires_at: expires + 1, expired: false, added_at: expect.any(String) },
      { fingerprint: alice.fingerprint, expires_at: expires, expired: false, added_at: expect.any(String) },
    ]);
    const { rows } = await api.pool.query<{ signature: Buffer }>(
      'select signature from payout_approvals where payout_id = $1 and fingerprint = $2',
      [id, alice.fingerprint],
    );
    expect(rows[0]?.signature.subarray(0, 6).toString()).toBe('SSHSIG');
  });

  test('put a payout that waits for them back into the queue', async () => {
    await moveTo('needs_approval');
    const answer = await approve(alice);
    expect(answer.json()).toMatchObject({ status: 'approved', reason: null });
    const { rows } = await api.pool.query(
      'select to_status, detail from payout_events where payout_id = $1 order by sequence',
      [id],
    );
    expect(rows.at(-1)).toEqual({
      to_status: 'approved',
      detail: { fingerprint: alice.fingerprint, request_id: answer.headers['x-request-id'] },
    });
  });

  test('once more change nothing, and put nothing back into the queue', async () => {
    const expires = inAnHour();
    const first = (await approve(alice, expires)).json();
    await moveTo('needs_approval');
    expect((await approve(alice, expires)).json()).toEqual({
      ...first,
      status: 'needs_approval',
      reason: expect.anything(),
    });
  });

  test.each([60, -60])('until %i s later take the place of the one before', async (seconds) => {
    const expires = inAnHour();
    await approve(alice, expires);
    await moveTo('needs_approval');
    const answer = (await approve(alice, expires + seconds)).json();
    expect(answer.status).toBe('approved');
    expect(answer.approvals.map((each: { expires_at: number }) => each.expires_at)).toEqual([expires + seconds]);
  });

  test.each<[string, (expires: number) => Partial<ApprovalTerms>]>([
    ['payout', () => ({ payoutId: `po_${'0'.repeat(32)}` })],
    ['key', () => ({ keyId: 'treasury-two' })],
    ['account', () => ({ account: SOROBAN_TREASURY })],
    ['network', () => ({ network: 'stellar:pubnet' })],
    ['destination', () => ({ destination: 'GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ' })],
    ['asset', () => ({ asset: 'stellar:standalone/slip44:148x' })],
    ['amount', () => ({ amount: 125_000_001n })],
    ['memo', () => ({ memo: 'text:invoice "42"' })],
    ['expiry', (expires) => ({ expiresAt: BigInt(expires) + 1n })],
  ])('are refused where another %s was signed for', async (_name, change) => {
    const expires = inAnHour();
    const answer = await send({ expires_at: expires, signature: signed(alice, expires, change(expires)) });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ field: 'signature', code: 'SIGNATURE_INVALID' }],
    });
    expect((await api.get(`/v1/payouts/${id}/approvals`)).json().approvals).toEqual([]);
  });

  test.each<[string, string, string, () => unknown]>([
    [
      'in another namespace',
      'signature',
      'NAMESPACE_DIFFERS',
      () => ({ expires_at: inAnHour(), signature: alice.armored('file', approvalStatement(terms(inAnHour()))) }),
    ],
    [
      'that have expired',
      'expires_at',
      'EXPIRED',
      () => ({ expires_at: 1_700_000_000, signature: signed(alice, 1_700_000_000) }),
    ],
    ['that are none', 'signature', 'MALFORMED', () => ({ expires_at: inAnHour(), signature: 'yes' })],
    [
      'that are two',
      'signature',
      'INVALID_FORMAT',
      () => ({ expires_at: inAnHour(), signature: signed(alice, inAnHour()) + signed(bob, inAnHour()) }),
    ],
    ['without a signature', 'signature', 'REQUIRED', () => ({ expires_at: inAnHour() })],
    [
      'with an expiry that is no number of seconds',
      'expires_at',
      'INVALID_TYPE',
      () => ({ expires_at: '2026-01-01T00:00:00Z', signature: 'x' }),
    ],
    ['with more than that', 'by', 'UNKNOWN_FIELD', () => ({ expires_at: inAnHour(), signature: 'x', by: 'alice' })],
  ])('are refused %s', async (_name, field, code, payload) => {
    const answer = await send(payload());
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toContainEqual(expect.objectContaining({ field, code }));
  });

  test.each(['completed', 'failed', 'canceled'])('are refused where the payout is %s', async (status) => {
    await moveTo(status);
    const answer = await approve(alice);
    expect([answer.statusCode, answer.json().code]).toEqual([409, 'PAYOUT_ENDED']);
  });

  test('of no payout are 404', async () => {
    const [get, post] = [
      await api.get('/v1/payouts/po_nobody/approvals'),
      await api.server.inject({
        method: 'POST',
        url: `/v1/payouts/po_${'0'.repeat(32)}/approvals`,
        headers: { authorization: `Bearer ${api.secret}`, 'content-type': 'application/json' },
        payload: '{}',
      }),
    ];
    expect([get.json().code, post.json().code]).toEqual(['NOT_FOUND', 'NOT_FOUND']);
  });

  test('need a scope of their own', async () => {
    const { secret } = await mintApiKey(api.pool, { name: 'test', scope: ['payouts:write', 'payouts:read'] });
    const expires = inAnHour();
    const payload = { expires_at: expires, signature: signed(alice, expires) };
    expect((await send(payload, { authorization: `Bearer ${secret}` })).json().code).toBe('FORBIDDEN');
    const approver = await mintApiKey(api.pool, { name: 'test', scope: ['payouts:approve'] });
    expect((await send(payload, { authorization: `Bearer ${approver.secret}` })).statusCode).toBe(200);
  });

  test('are in the audit log, in the same commit, with whose they are', async () => {
    const expires = inAnHour();
    const sendAs = (requestId: string) =>
      send({ expires_at: expires, signature: signed(alice, expires) }, { 'x-request-id': requestId });
    await sendAs(`first-${id}`);
    await sendAs(`again-${id}`);
    const { rows } = await api.pool.query(
      `select event from audit_events where request_id = any($1) order by sequence`,
      [[`first-${id}`, `again-${id}`]],
    );
    expect(rows.map(({ event }) => event)).toEqual(
      [true, false].map((added) =>
        expect.objectContaining({
          eventName: 'ApprovePayout',
          readOnly: false,
          requestParameters: { id, fingerprint: alice.fingerprint, expires_at: expires },
          responseElements: { added },
          resources: [{ type: 'Payout', id }],
        }),
      ),
    );
  });

  test('that come at once are all stored', async () => {
    await moveTo('needs_approval');
    const signers = Array.from({ length: 8 }, (_, i) => createSshSigner(`${i}`));
    const answers = await Promise.all(signers.map((signer) => approve(signer)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(signers.map(() => 200));
    const { approvals, status } = (await api.get(`/v1/payouts/${id}/approvals`)).json();
    expect([approvals.length, status]).toEqual([8, 'approved']);
  });
});
