import { verifyChain } from '@countersign/audit/chain';
import type { AuditEvent } from '@countersign/audit/event';
import { type Stack, startStack } from '@countersign/dev/stack';
import { signerctl } from '@countersign/operator/signerctl';
import { createPool, type Pool } from '@countersign/runtime/postgres';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { auditRows, eventsOf } from '../harness/audit.ts';
import { follow, order, type Payout, toEvm, toStellar } from '../harness/payouts.ts';
import { until } from '../harness/until.ts';

let stack: Stack;
let api: Pool;
let payouts: Payout[];

beforeAll(async () => {
  stack = await startStack({ paths: { 'treasury-stellar': 'kms', 'treasury-evm': 'kms' } });
  api = createPool({ url: stack.databaseUrls.api, max: 1 });
  // Together, so that some share a Stellar transaction.
  const orders = [1, 2, 3, 4].map((amount) => order(stack, toStellar(stack, String(amount))));
  payouts = await Promise.all([...orders, order(stack, toEvm(stack, '0.01'))]);
  payouts = await Promise.all(payouts.map(({ id }) => follow(stack, id)));
}, 90_000);
afterAll(async () => {
  await api.end();
  await stack.stop();
});

async function apiEvents(name: string): Promise<AuditEvent[]> {
  const { rows } = await api.query<{ event: AuditEvent }>(
    `select event from audit_events where event->>'eventName' = $1 order by sequence`,
    [name],
  );
  return rows.map(({ event }) => event);
}

test('every attempt is in both logs under one request id, and in the log of KMS under the id that KMS gave', async () => {
  const response = await fetch(`${stack.urls.kms}/_dev/events`);
  const kms = (await response.json()) as { events: { eventName: string; requestID: string }[] };
  const signedInKms = new Set(
    kms.events.filter(({ eventName }) => eventName === 'Sign').map(({ requestID }) => requestID),
  );

  const asked = await apiEvents('SignTransaction');
  expect(asked.length).toBeGreaterThanOrEqual(2);
  for (const { requestID } of asked) {
    const inSigner = await eventsOf(stack, requestID);
    expect(inSigner.map(({ event }) => event.eventName)).toEqual(['ReserveSignature', 'SignTransaction']);
    const attempts = inSigner[1]?.event.additionalEventData['backendAttempts'] as { requestId: string }[];
    expect(attempts).toHaveLength(1);
    for (const { requestId } of attempts) expect(signedInKms).toContain(requestId);
  }
});

test('from the HTTP request to the signature: each payout can be followed', async () => {
  const asked = await apiEvents('SignTransaction');
  const created = await apiEvents('CreatePayout');
  for (const { id, request_id } of payouts) {
    expect(created.map(({ requestID }) => requestID)).toContain(request_id);
    const attempt = asked.find((event) => JSON.stringify(event).includes(id));
    expect(JSON.stringify(attempt)).toContain(request_id);
    const inSigner = await eventsOf(stack, attempt?.requestID ?? '');
    expect(JSON.stringify(inSigner.at(-1)?.event.requestParameters)).toContain(id);
  }
});

test('the signer’s chain is whole, and shows a change', async () => {
  const rows = await auditRows(stack, 'signer-0');
  expect(rows.length).toBeGreaterThan(4);
  expect(verifyChain(rows)).toMatchObject({ ok: true });
  const forged = rows.map((row, i) =>
    i === 2 ? { ...row, event: { ...row.event, eventTime: '2000-01-01T00:00:00.000Z' } } : row,
  );
  expect(verifyChain(forged)).toMatchObject({ ok: false, sequence: 3n });
});

test('the exported log is whole, signed for, and says what was signed, in the eyes of another decoder', async () => {
  const { log, checkpointPublicKey } = stack.audit;
  let out = '';
  await until('a checkpoint vouches for the log', async () => {
    out = '';
    const write = (text: string) => {
      out += text;
    };
    await signerctl(['audit', 'verify', log, '--checkpoint-key', checkpointPublicKey], {
      env: {},
      out: write,
      err: write,
    });
    return !out.startsWith('cannot tell') && !out.includes('nobody vouches');
  });
  expect(out).toMatch(/^intact\n/);
  expect(out).toMatch(/transactions: [2-9] decoded anew\n/);
});

test('the metrics of both sides have counted it', async () => {
  const [signer, tier] = await Promise.all(
    [stack.urls.signerMetrics, stack.urls.apiMetrics].map(async (url) => (await fetch(url)).text()),
  );
  expect(signer).toMatch(
    /countersign_sign_requests_total\{key="treasury-stellar",chain="stellar:standalone",outcome="succeeded"\} [1-9]/,
  );
  expect(signer).toMatch(/countersign_backend_attempts_total\{custody="aws-kms",outcome="succeeded"\} [1-9]/);
  expect(tier).toMatch(/countersign_payouts\{status="completed"\} 5/);
  for (const step of ['build', 'sign', 'submit', 'confirm']) {
    expect(tier).toMatch(new RegExp(`countersign_${step}_seconds_count\\{[^}]*\\} [1-9]`));
  }
  expect(tier).toMatch(/countersign_http_requests_seconds_count\{[^}]*route="\/v1\/payouts"[^}]*\} [1-9]/);
});
