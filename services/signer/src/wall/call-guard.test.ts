import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import {
  ChannelCredentials,
  Client,
  type ClientUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCallGate } from './call-gate.ts';
import { type CallGuard, type CallGuardOptions, createCallGuard } from './call-guard.ts';

const PATH = '/test.Service/Call';
const asItIs = (bytes: Buffer): Buffer => bytes;
const API = { name: 'spiffe://countersign.dev/api', known: true };

let server: Server;
let guard: CallGuard;
let client: Client;
let port: number;
let raw: ClientHttp2Session;
/** What was read, and what was noticed. */
let seen: string[];
/** Ends the work on the calls, which goes on whatever becomes of the caller. */
let finish: () => void;
let deadlines: number[];

beforeEach(async () => {
  seen = [];
  deadlines = [];
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const options: CallGuardOptions = {
    maxCallMs: 300,
    gate: createCallGate({ maxInFlight: 1, rate: { perSecond: 1, burst: 100 } }),
    connectionOf: () => ({ address: '127.0.0.1', certificate: new Uint8Array() }),
    callerOf: () => API,
    kindOf: () => 'sign',
    onThrottled: (_caller, why) => seen.push(`throttled ${why}`),
    onUnfinished: () => seen.push('unfinished'),
  };
  guard = createCallGuard(options);
  server = new Server({ interceptors: [guard.interceptor], 'grpc.max_receive_message_length': 100 });
  const read = (bytes: Buffer): Buffer => {
    seen.push(`read ${bytes.length}`);
    return bytes;
  };
  server.register<Buffer, Buffer>(
    PATH,
    async (call: { metadata: Metadata; request: Buffer }, callback: (error: null, answer: Buffer) => void) => {
      const admitted = guard.admitted(call.metadata);
      if (admitted === undefined) throw new Error('not admitted');
      deadlines.push(admitted.deadline - Date.now());
      admitted.begin();
      if (call.request.toString() === 'work') await finished;
      admitted.done();
      callback(null, call.request);
    },
    asItIs,
    read,
    'unary',
  );
  port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  client = new Client(`127.0.0.1:${port}`, ChannelCredentials.createInsecure());
  raw = connect(`http://127.0.0.1:${port}`);
  await once(raw, 'connect');
});
afterEach(() => {
  finish();
  raw.destroy();
  client.close();
  server.forceShutdown();
});

/** How a call ended: its answer, or what it was refused with. */
function call(text: string, deadline?: number): { answer: Promise<string>; sent: ClientUnaryCall } {
  let sent: ClientUnaryCall | undefined;
  const answer = new Promise<string>((resolve) => {
    const options = deadline === undefined ? {} : { deadline };
    const done = (error: ServiceError | null, bytes?: Buffer) => resolve(error?.details ?? String(bytes));
    sent = client.makeUnaryRequest(PATH, asItIs, asItIs, Buffer.from(text), new Metadata(), options, done);
  });
  if (sent === undefined) throw new Error('not sent');
  return { answer, sent };
}

/** A call whose message does not come. */
function begun() {
  const headers = { ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = raw.request(headers);
  stream.on('error', () => undefined);
  return stream;
}

/** Resolves when the server has seen what was sent. */
const arrived = () => new Promise<void>((resolve) => raw.ping(() => resolve()));

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

describe('createCallGuard', () => {
  test('a call beyond the limit is refused before a byte of it is read', async () => {
    const first = call('work');
    await until(() => seen.includes('read 4'));
    expect(await call('more').answer).toMatch(/^calls: more at once/);
    expect(seen).toEqual(['read 4', 'throttled in_flight']);
    finish();
    expect(await first.answer).toBe('work');
    expect(await call('again').answer).toBe('again');
  });

  test('a caller that goes keeps its place until the work is done', async () => {
    const { sent, answer } = call('work');
    await until(() => seen.includes('read 4'));
    sent.cancel();
    expect(await answer).toMatch(/Cancelled/);
    expect(await call('more').answer).toMatch(/^calls: more at once/);
    finish();
    let last = '';
    while (last !== 'again') last = await call('again').answer;
  });

  test('a call without a deadline gets one, and so does one with a distant one', async () => {
    await call('a').answer;
    await call('b', Date.now() + 3_600_000).answer;
    await call('c', Date.now() + 200).answer;
    const [none = 0, distant = 0, near = 0] = deadlines;
    for (const given of [none, distant]) expect(Math.round(given / 100)).toBe(3);
    expect(near).toBeLessThanOrEqual(200);
  });

  test('work that takes too long is answered at the deadline', async () => {
    expect(await call('work').answer).toBe('no call may take longer than 300 ms');
  });

  test('a call whose message does not come ends at the deadline, and gives its place back', async () => {
    const stream = begun();
    let status: unknown;
    stream.on('response', (headers) => {
      status = headers['grpc-status'];
    });
    await until(() => status !== undefined);
    expect([status, seen]).toEqual(['4', ['unfinished']]);
    expect(await call('next').answer).toBe('next');
  });

  test('a call that is cut off before its message is there gives its place back', async () => {
    const stream = begun();
    stream.write(Buffer.from([0, 0, 0, 0, 50, 1]));
    await arrived();
    stream.close(8);
    await until(() => seen.length > 0);
    expect(seen).toEqual(['unfinished']);
    expect(await call('next').answer).toBe('next');
  });

  test('a second message is noticed, and neither is worked on', async () => {
    const stream = begun();
    stream.resume().end(Buffer.from([0, 0, 0, 0, 1, 65, 0, 0, 0, 0, 1, 66]));
    await once(stream, 'close');
    expect(seen.filter((what) => what === 'unfinished')).toHaveLength(1);
    expect(deadlines).toEqual([]);
    expect(await call('next').answer).toBe('next');
  });

  test('a message that is too large is not read, and noticed', async () => {
    expect(await call('x'.repeat(101)).answer).toMatch(/larger than max/);
    expect(seen).toEqual(['unfinished']);
    expect(await call('next').answer).toBe('next');
  });
});
