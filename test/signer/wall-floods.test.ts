import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { beginCall, rawHttp2, rawTls } from '../harness/raw-http2.ts';
import { refusalOf } from '../harness/refusals.ts';
import { openSignerWorld, type Replica, type SignerWorld } from '../harness/signers.ts';
import { until } from '../harness/until.ts';

let world: SignerWorld;
let replica: Replica;

beforeAll(async () => {
  world = await openSignerWorld();
  // Small limits, so that a flood is soon one.
  replica = await world.start({ env: { WALL_MAX_IN_FLIGHT: '50' } });
  await replica.client.listKeys();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const [DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION] = [0, 1, 2, 3, 4, 6, 8, 9];
const END_STREAM = 1;
const END_HEADERS = 4;

/** An HTTP/2 frame (RFC 9113, section 4.1). */
function frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.byteLength, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A header block (RFC 7541) of a gRPC call: indexed fields, and literals that are not to be remembered. */
function headersOf(path: string): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const contentType = Buffer.concat([Buffer.from([0x0f, 0x10]), text('application/grpc')]);
  return Buffer.concat([Buffer.from([0x83, 0x87, 0x04]), text(path), contentType]);
}

const SIGN = headersOf('/countersign.signer.v1.SignerService/SignTransaction');
const UNKNOWN = headersOf('/no.such.Service/Method');
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** Another caller is answered meanwhile, each time within its deadline. */
async function othersAreAnswered(times = 5): Promise<void> {
  const client = world.connect(replica.signer);
  for (let i = 0; i < times; i++) expect(await refusalOf(client.getKey({ keyId: 'treasury-evm' }))).toBe('signed');
  client.close();
}

describe('a flood on one connection leaves the others alone', () => {
  let stream = -1;
  const next = () => {
    stream += 2;
    return stream;
  };
  const opened = (headers: Buffer, flags = END_HEADERS) => frame(HEADERS, flags, next(), headers);

  test.each<[what: string, ends: boolean, round: () => Buffer[]]>([
    ['calls that are taken back at once', true, () => [opened(SIGN), frame(RST_STREAM, 0, stream, u32(8))]],
    ['calls of methods that are not there', true, () => [opened(UNKNOWN, END_HEADERS | END_STREAM)]],
    ['calls without a message', true, () => [opened(SIGN, END_HEADERS | END_STREAM)]],
    ['settings', false, () => [frame(SETTINGS, 0, 0, Buffer.from([0, 4, 0, 0, 255, 255]))]],
    ['pings', false, () => [frame(PING, 0, 0, Buffer.alloc(8))]],
    ['priorities of streams that are not there', true, () => [frame(PRIORITY, 0, next(), Buffer.alloc(5))]],
    ['window updates', false, () => [frame(WINDOW_UPDATE, 0, 0, u32(1))]],
    ['frames without data', false, () => [frame(DATA, 0, 1)]],
    ['headers without end', true, () => [frame(CONTINUATION, 0, 1, Buffer.alloc(100, 0x83))]],
  ])('%s', async (what, ends, round) => {
    stream = -1;
    const socket = await rawTls(world, replica.signer);
    socket.resume();
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0)]));
    if (what === 'headers without end') socket.write(opened(SIGN, 0));
    if (what === 'frames without data') socket.write(opened(SIGN));
    const flood = setInterval(() => {
      if (!socket.destroyed) socket.write(Buffer.concat(Array.from({ length: 200 }, round).flat()));
    }, 1);
    await othersAreAnswered();
    const ended = () => socket.destroyed;
    if (ends) await until('the flooding connection is ended', ended);
    clearInterval(flood);
    socket.destroy();
    await othersAreAnswered(1);
  });
});

describe('a connection that holds what it can leaves the others alone', () => {
  test('more headers than a call may have', async () => {
    const session = await rawHttp2(world, replica.signer);
    const headers = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`x-${i}`, 'x'.repeat(3_000)]));
    const call = beginCall(session, '/countersign.signer.v1.SignerService/GetKey', headers);
    await until('the call has ended', () => call.destroyed);
    await othersAreAnswered(1);
    session.destroy();
  });

  test('calls whose answers are never read', async () => {
    const socket = await rawTls(world, replica.signer);
    socket.pause();
    socket.write(Buffer.concat([Buffer.from(PREFACE), frame(SETTINGS, 0, 0)]));
    for (let i = 0; i < 2_000; i++) socket.write(frame(HEADERS, END_HEADERS | END_STREAM, 2 * i + 1, UNKNOWN));
    await othersAreAnswered();
    socket.destroy();
  });

  test('half a hundred calls whose messages never come', async () => {
    const session = await rawHttp2(world, replica.signer);
    const calls = Array.from({ length: 50 }, () => beginCall(session, '/countersign.signer.v1.SignerService/GetKey'));
    const stranger = await world.pki.issue({ name: 'holding', uris: ['spiffe://countersign.dev/other'] });
    const client = world.connect(replica.signer, { caFile: world.pki.apiCaFile, ...stranger });
    // The caller itself is out of places; another is not.
    const api = () => refusalOf(replica.client.getKey({ keyId: 'treasury-evm' }));
    await until('the places are taken', async () => (await api()) === 'THROTTLED CALLS_IN_FLIGHT');
    expect(await refusalOf(client.getKey({ keyId: 'treasury-evm' }))).toBe('KEY_NOT_FOUND');
    for (const call of calls) call.close();
    await until('the places are free', async () => (await api()) === 'signed');
    session.destroy();
  });

  test('a hundred connections that say nothing', async () => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 100; i++) {
      const socket = connectTcp(replica.signer.port, '127.0.0.1');
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    await othersAreAnswered(1);
    for (const socket of sockets) socket.destroy();
  });
});

test('a certificate with no name of ours is worth as much as none: few calls, whatever it asks', async () => {
  const files = await world.pki.issue({ name: 'stranger', uris: ['spiffe://countersign.dev/stranger'] });
  const client = world.connect(replica.signer, { caFile: world.pki.apiCaFile, ...files });
  const request = { keyId: 'treasury-evm' };
  const answers = await Promise.all(Array.from({ length: 100 }, () => refusalOf(client.signTransaction(request))));
  expect(answers.filter((answer) => answer.startsWith('THROTTLED')).length).toBeGreaterThan(50);
  await othersAreAnswered(1);
});
