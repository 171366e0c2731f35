import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import type { AuditEvent } from '@countersign/audit/event';
import { GetKeyRequestSchema, SignTransactionRequestSchema } from '@countersign/contract/signer';
import { SPIFFE_IDS } from '@countersign/dev/pki';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { auditRows, eventsOf } from '../harness/audit.ts';
import { beginCall, callWith, rawHttp2 } from '../harness/raw-http2.ts';
import { refusalOf } from '../harness/refusals.ts';
import { stellarRequest } from '../harness/requests.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

const SERVICE = '/countersign.signer.v1.SignerService';
const INVALID_ARGUMENT = 3;

let world: SignerWorld;

beforeAll(async () => {
  world = await openSignerWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const metricsOf = async ({ signer }: Replica) => (await fetch(`http://127.0.0.1:${signer.metricsPort}/metrics`)).text();
const eventsIn = async (chain: string): Promise<AuditEvent[]> =>
  (await auditRows(world, chain)).map(({ event }) => event);

/** A request that is refused by policy. */
const denied = (id: string) => stellarRequest(world, [{ id }], { fee: 1_000_000_000n });

describe('one caller', () => {
  test('has so many calls under way, over all its connections, and others have theirs', async () => {
    const replica = await world.start({ name: 'in-flight', env: { WALL_MAX_IN_FLIGHT: '1' } });
    const session = await rawHttp2(world, replica.signer);
    const waiting = beginCall(session, `${SERVICE}/SignTransaction`);
    const key = { keyId: 'treasury-stellar' };
    await until('the place is taken', async () => (await refusalOf(replica.client.getKey(key))) !== 'signed');
    expect(await refusalOf(replica.client.getKey(key))).toBe('THROTTLED CALLS_IN_FLIGHT');

    const other = await world.pki.issue({ name: 'other', uris: ['spiffe://countersign.dev/other'] });
    const stranger = world.connect(replica.signer, { caFile: world.pki.apiCaFile, ...other });
    expect(await refusalOf(stranger.getKey(key))).toBe('KEY_NOT_FOUND');

    waiting.close();
    await until('the place is free', async () => (await refusalOf(replica.client.getKey(key))) === 'signed');
    session.destroy();
    expect(await metricsOf(replica)).toMatch(
      /countersign_wall_throttled_total\{caller="known",reason="in_flight"\} [1-9]/,
    );
  });

  test('watches the health of the signer over few streams, and its calls have their places beside them', async () => {
    const replica = await world.start({ name: 'watches' });
    const session = await rawHttp2(world, replica.signer);
    const statuses: unknown[] = [];
    for (let i = 0; i < 10; i++) {
      const watch = beginCall(session, '/grpc.health.v1.Health/Watch');
      watch.end(Buffer.alloc(5));
      const [headers] = await once(watch, 'response');
      statuses.push(headers['grpc-status']);
    }
    expect(statuses).toEqual([...Array(8).fill(undefined), '8', '8']);
    expect(await refusalOf(replica.client.listKeys())).toBe('signed');
    session.destroy();
  });

  test('asks for so many signatures a second; what is beyond is counted, and told in a summary', async () => {
    const env = { WALL_RATE_PER_SECOND: '1', WALL_RATE_BURST: '2' };
    const replica = await world.start({ name: 'rate', env });
    const answers: string[] = [];
    for (let i = 0; i < 6; i++) answers.push(await refusalOf(replica.client.signTransaction(denied(`po_rate_${i}`))));
    expect(answers.slice(0, 2)).toEqual(['POLICY_DENIED FEE_ABOVE_LIMIT', 'POLICY_DENIED FEE_ABOVE_LIMIT']);
    expect(answers.filter((answer) => answer === 'THROTTLED CALLS_PER_SECOND').length).toBeGreaterThanOrEqual(2);
    await replica.signer[Symbol.asyncDispose]();

    const events = await eventsIn('rate');
    const own = events.filter(({ errorCode }) => errorCode === 'POLICY_DENIED');
    const summary = events.filter(({ eventName }) => eventName === 'DenialsSummarised');
    expect(summary).toMatchObject([
      {
        userIdentity: { type: 'SpiffeId', principalId: SPIFFE_IDS.api },
        additionalEventData: { counts: { THROTTLED: 6 - own.length } },
      },
    ]);
  });

  test('is refused as often as it likes: beyond its budget no refusal has an event of its own, and none is forgotten', async () => {
    const env = { WALL_DENIALS_PER_SECOND: '1', WALL_DENIALS_BURST: '3' };
    const replica = await world.start({ name: 'denials', env });
    const many = Array.from({ length: 40 }, (_, i) => denied(`po_denied_${i}`));
    const answers = await Promise.all(many.map((request) => refusalOf(replica.client.signTransaction(request))));
    expect(new Set(answers)).toEqual(new Set(['POLICY_DENIED FEE_ABOVE_LIMIT']));
    // Who is flooded with refusals still signs.
    expect(await refusalOf(replica.client.signTransaction(stellarRequest(world, [{ id: 'po_good' }])))).toBe('signed');
    await replica.signer[Symbol.asyncDispose]();

    const events = await eventsIn('denials');
    const own = events.filter(({ errorCode }) => errorCode === 'POLICY_DENIED').length;
    expect(own).toBeGreaterThanOrEqual(3);
    expect(own).toBeLessThan(15);
    const counted = events
      .filter(({ eventName }) => eventName === 'DenialsSummarised')
      .map(({ additionalEventData }) => additionalEventData['counts']);
    const sum = counted.map((counts) => Number(Object(counts).POLICY_DENIED)).reduce((a, b) => a + b, 0);
    expect(own + sum).toBe(40);
  });

  test('whom no policy names spends that budget by whatever it asks, also by asking which keys it has', async () => {
    const env = { WALL_DENIALS_PER_SECOND: '1', WALL_DENIALS_BURST: '3' };
    const replica = await world.start({ name: 'nosy', env });
    const nosy = await world.pki.issue({ name: 'nosy', uris: ['spiffe://countersign.dev/nosy'] });
    const client = world.connect(replica.signer, { caFile: world.pki.apiCaFile, ...nosy });
    for (let i = 0; i < 40; i++) expect(await refusalOf(client.listKeys())).toBe('KEY_NOT_FOUND');
    await replica.signer[Symbol.asyncDispose]();

    const events = (await eventsIn('nosy')).filter(({ userIdentity }) => userIdentity.principalId.endsWith('/nosy'));
    const own = events.filter(({ eventName }) => eventName === 'ListKeys');
    expect(new Set(own.map(({ errorCode }) => errorCode))).toEqual(new Set(['KEY_NOT_FOUND']));
    expect(own.length).toBeLessThan(15);
    const counts = events.flatMap(
      ({ additionalEventData }) => Object(additionalEventData['counts']).KEY_NOT_FOUND ?? [],
    );
    expect(own.length + counts.reduce((a, b) => a + b, 0)).toBe(40);
  });
});

describe('what is no message', () => {
  let replica: Replica;
  beforeAll(async () => {
    replica = await world.start({ name: 'unreadable' });
  });
  const field99 = Buffer.from([0x9a, 0x06, 0x01, 0x78]);
  const valid = () => toBinary(SignTransactionRequestSchema, stellarRequest(world, [{ id: 'po_unknown' }]));

  test.each<[what: string, method: string, bytes: () => Uint8Array, reason: string]>([
    ['bytes', 'SignTransaction', () => Buffer.from([0x0a, 0xff]), 'MESSAGE_UNDECODABLE'],
    ['a field too many', 'SignTransaction', () => Buffer.concat([valid(), field99]), 'UNKNOWN_FIELD'],
    ['the same twice', 'SignTransaction', () => Buffer.concat([valid(), valid()]), 'MESSAGE_NOT_CANONICAL'],
    [
      'a field too many in a read',
      'GetKey',
      () =>
        Buffer.concat([
          toBinary(GetKeyRequestSchema, { $typeName: 'countersign.signer.v1.GetKeyRequest', keyId: 'k' }),
          field99,
        ]),
      'UNKNOWN_FIELD',
    ],
  ])('%s: refused, and written down with its size and hash', async (_, method, bytesOf, reason) => {
    const bytes = bytesOf();
    const session = await rawHttp2(world, replica.signer);
    expect(await callWith(session, `${SERVICE}/${method}`, bytes)).toBe(INVALID_ARGUMENT);
    session.destroy();
    const [event] = (await eventsIn('unreadable')).slice(-1);
    expect(event).toMatchObject({
      eventName: method,
      errorCode: 'INVALID_REQUEST',
      userIdentity: { type: 'SpiffeId', principalId: SPIFFE_IDS.api },
      requestParameters: {
        messageBytes: String(bytes.byteLength),
        messageSha256: Buffer.from(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))).toString('hex'),
      },
      additionalEventData: { reasons: [expect.objectContaining({ code: reason })] },
    });
  });

  test('one that is too large, or never comes, is counted', async () => {
    const lone = await world.start({ name: 'unfinished' });
    const session = await rawHttp2(world, lone.signer);
    const large = beginCall(session, `${SERVICE}/SignTransaction`);
    large.write(Buffer.from([0, 0, 0x7f, 0, 0]));
    await once(large, 'response');
    const never = beginCall(session, `${SERVICE}/SignTransaction`);
    never.end();
    await once(never, 'response');
    session.destroy();
    await lone.signer[Symbol.asyncDispose]();
    expect((await eventsIn('unfinished')).slice(-1)).toMatchObject([
      { eventName: 'DenialsSummarised', additionalEventData: { counts: { NO_MESSAGE: 2 } } },
    ]);
  });
});

describe('time', () => {
  test('a call that nobody waits for any more reserves nothing', async () => {
    const { client } = await world.start({ name: 'late' });
    await client.listKeys();
    const request = stellarRequest(world, [{ id: 'po_late' }]);
    // Too little for a commit and the way back, whatever the machine.
    await until('one has arrived', async () => {
      expect(await refusalOf(client.signTransaction(request, { deadlineMs: 4 }))).toBe('DEADLINE');
      return (await eventsOf(world, request.requestId)).length > 0;
    });
    const events = await eventsOf(world, request.requestId);
    expect(new Set(events.map(({ event }) => event.errorCode))).toEqual(new Set(['DEADLINE']));
    // Had anything been bound to the payout, other terms would be refused.
    const other = stellarRequest(world, [{ id: 'po_late', amount: 7n }], { sequence: 2n });
    expect(await refusalOf(client.signTransaction(other))).toBe('signed');
  });

  test('a certificate that expires on a living connection is good for nothing more', async () => {
    const { signer } = await world.start({ name: 'expiring' });
    // Certificates count in whole seconds.
    const notAfter = new Date(Math.ceil(Date.now() / 1000) * 1000 + 1_000);
    const files = await world.pki.issue({ name: 'short', uris: [SPIFFE_IDS.api], notAfter });
    const client = world.connect(signer, { caFile: world.pki.apiCaFile, ...files });
    expect(await refusalOf(client.listKeys())).toBe('signed');
    await until('the certificate has expired', async () => (await refusalOf(client.listKeys())) !== 'signed');
    expect(Date.now()).toBeGreaterThan(notAfter.getTime());
    expect(await refusalOf(client.listKeys())).toBe('UNAUTHENTICATED');
  });
});

test('a bad pair of certificate and key is counted, and the one before stays in force; a good one is taken', async () => {
  const own = { certFile: join(world.dir, 'own.crt'), keyFile: join(world.dir, 'own.key') };
  const put = ({ certFile, keyFile }: typeof own) => {
    copyFileSync(certFile, own.certFile);
    copyFileSync(keyFile, own.keyFile);
  };
  put(world.pki.signer);
  const env = { SIGNER_TLS_CERT_FILE: own.certFile, SIGNER_TLS_KEY_FILE: own.keyFile };
  const replica = await world.start({ name: 'reload', env });
  const counted = (outcome: string) => async () =>
    (await metricsOf(replica)).includes(`countersign_wall_tls_reloads_total{outcome="${outcome}"} 1`);
  writeFileSync(own.keyFile, 'half');
  await until('the bad pair is counted', counted('refused'));
  expect(await refusalOf(world.connect(replica.signer).listKeys())).toBe('signed');
  put(await world.pki.issue({ name: 'signer-2', usage: 'serverAuth', uris: [SPIFFE_IDS.signer] }));
  await until('the good pair is counted', counted('succeeded'));
  expect(await refusalOf(world.connect(replica.signer).listKeys())).toBe('signed');
});
