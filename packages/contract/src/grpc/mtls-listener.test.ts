import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type ConnectionOptions,
  connect as connectTls,
  createServer as createTlsServer,
  type TLSSocket,
} from 'node:tls';
import { create } from '@bufbuild/protobuf';
import { type Credentials, createDevPki, type DevPki, SPIFFE_IDS } from '@countersign/dev/pki';
import { Server } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Health, HealthCheckRequestSchema } from '../gen/grpc/health/v1/health_pb.ts';
import { createMtlsClient, type MtlsClient } from './mtls-client.ts';
import { listenWithMtls, type MtlsListener, type MtlsListenerOptions } from './mtls-listener.ts';
import { serviceDefinition } from './service-definition.ts';
import type { TlsFiles } from './tls-files.ts';
import { unaryHandler } from './unary-handler.ts';

let directory: string;
let pki: DevPki;
let files: TlsFiles;
let opened: AsyncDisposableStack;
/** Lets the calls that hang be answered. */
let answer: () => void;
let hanging: Promise<void>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-listener-'));
  pki = await createDevPki(join(directory, 'pki'));
});
afterAll(() => rmSync(directory, { recursive: true }));

beforeEach(() => {
  opened = new AsyncDisposableStack();
  files = {
    caFile: join(directory, 'ca.pem'),
    certFile: join(directory, 'tls.pem'),
    keyFile: join(directory, 'tls.key'),
  };
  copyFileSync(pki.apiCaFile, files.caFile);
  use(pki.signer);
  hanging = new Promise((resolve) => {
    answer = resolve;
  });
});
afterEach(async () => {
  answer();
  await opened.disposeAsync();
});

function use({ certFile, keyFile }: Credentials): void {
  copyFileSync(certFile, files.certFile);
  copyFileSync(keyFile, files.keyFile);
}

/** A server whose health check answers, but for the service `hang`. */
async function listen(options: Partial<MtlsListenerOptions> = {}): Promise<MtlsListener> {
  const server = new Server();
  server.addService(serviceDefinition(Health), {
    check: unaryHandler(async ({ service }: { service: string }) => {
      if (service === 'hang') await hanging;
      return { $typeName: 'grpc.health.v1.HealthCheckResponse', status: 1 };
    }),
    watch: () => undefined,
  });
  const listener = await listenWithMtls(server, { host: '127.0.0.1', port: 0, tls: files, ...options });
  opened.defer(() => listener.close());
  return listener;
}

function clientOf({ port }: MtlsListener, { certFile, keyFile }: Credentials = pki.api): MtlsClient {
  const tls = { caFile: pki.apiCaFile, certFile, keyFile };
  const client = createMtlsClient({ address: `127.0.0.1:${port}`, tls, serverSpiffeId: SPIFFE_IDS.signer });
  opened.defer(() => client.close());
  return client;
}

const { check } = serviceDefinition(Health);
const ask = (client: MtlsClient, service = '') =>
  client.call(check, check.requestSerialize(create(HealthCheckRequestSchema, { service })), 5_000).then(
    () => 'answered',
    (error: unknown) => `${error}: ${error instanceof Error ? error.cause : ''}`,
  );

/** Calls fail at once until the channel has backed off and connected again. */
async function untilAnswered(client: MtlsClient): Promise<void> {
  let last = '';
  for (const end = Date.now() + 4_000; Date.now() < end; ) {
    last = await ask(client);
    if (last === 'answered') return;
    await delay(20);
  }
  throw new Error(`not answered within 4 s: ${last}`);
}

function tcp({ port }: MtlsListener): Socket {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => undefined);
  opened.defer(() => void socket.destroy());
  return socket;
}

function tls({ port }: MtlsListener, options: ConnectionOptions = {}): TLSSocket {
  const { certificate: cert, privateKey: key } = pki.api;
  const ca = readFileSync(pki.apiCaFile);
  const checks = { ca, cert, key, ALPNProtocols: ['h2'], checkServerIdentity: () => undefined };
  const socket = connectTls({ host: '127.0.0.1', port, ...checks, ...options });
  socket.on('error', () => undefined);
  opened.defer(() => void socket.destroy());
  return socket;
}

async function http2(listener: MtlsListener): Promise<ClientHttp2Session> {
  const session = connectHttp2('https://localhost', { createConnection: () => tls(listener) });
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  return session;
}

const isClosed = async (socket: Socket | ClientHttp2Session) => {
  if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  return true;
};

/** Resolves at the first call of `tell` with what it was called with. */
function heard<T>(): { tell: (value: T) => void; first: Promise<T> } {
  let tell: (value: T) => void = () => undefined;
  const first = new Promise<T>((resolve) => {
    tell = resolve;
  });
  return { tell, first };
}

describe('certificates that change', () => {
  const shownBy = async (listener: MtlsListener): Promise<string> => {
    const socket = tls(listener);
    await once(socket, 'secureConnect');
    return socket.getPeerX509Certificate()?.serialNumber ?? 'none';
  };

  test('a new certificate is shown to new connections, and the old ones live on', async () => {
    const { tell, first } = heard<{ ca: boolean }>();
    const listener = await listen({ onTlsFilesChanged: tell });
    const before = await shownBy(listener);
    const session = await http2(listener);
    use(await pki.issue({ name: 'renewed', usage: 'serverAuth', uris: [SPIFFE_IDS.signer] }));
    expect(await first).toEqual({ ca: false });
    expect(await shownBy(listener)).not.toBe(before);
    expect(session.closed).toBe(false);
    expect(await ask(clientOf(listener))).toBe('answered');
  });

  test('a bad one is reported, and the one before stays in force', async () => {
    const { tell, first } = heard<Error>();
    const listener = await listen({ onTlsFilesRefused: tell });
    const before = await shownBy(listener);
    writeFileSync(files.certFile, pki.api.certificate);
    expect(String(await first)).toMatch(/tls\.pem: expected the certificate of the key/);
    expect(await shownBy(listener)).toBe(before);
  });

  test('when the CA goes, its connections end, its calls in flight are answered, and it is back for nothing', async () => {
    const { tell, first } = heard<{ ca: boolean }>();
    const listener = await listen({ onTlsFilesChanged: tell });
    const client = clientOf(listener);
    expect(await ask(client)).toBe('answered');
    const pending = ask(client, 'hang');
    const session = await http2(listener);
    const next = await createDevPki(join(directory, 'next'));
    copyFileSync(next.apiCaFile, files.caFile);
    expect(await first).toEqual({ ca: true });
    expect(await isClosed(session)).toBe(true);
    expect(await ask(client)).toMatch(/UNAVAILABLE/);
    answer();
    expect(await pending).toBe('answered');
    expect(await ask(clientOf(listener))).toMatch(/UNAVAILABLE/);
  });

  test('a call in flight has its grace when the CA goes, and no more', async () => {
    const listener = await listen({ limits: { graceMs: 50 } });
    const pending = ask(clientOf(listener), 'hang');
    const session = await http2(listener);
    copyFileSync(pki.operatorCaFile, files.caFile);
    expect(await pending).toMatch(/UNAVAILABLE/);
    expect(await isClosed(session)).toBe(true);
  });

  test('a client whose CA stays is back by itself', async () => {
    const { tell, first } = heard<unknown>();
    const listener = await listen({ onTlsFilesChanged: tell });
    const client = clientOf(listener);
    expect(await ask(client)).toBe('answered');
    writeFileSync(files.caFile, `${readFileSync(pki.apiCaFile, 'utf8')}\n${readFileSync(pki.operatorCaFile, 'utf8')}`);
    await first;
    // One that was on its way when the connection ended is lost, as at any end of a connection.
    await untilAnswered(client);
  });
});

describe('connections', () => {
  const limits = { handshakeMs: 200 };

  test('one that says nothing is ended', async () => {
    expect(await isClosed(tcp(await listen({ limits })))).toBe(true);
  });

  test('one that hands over its handshake byte by byte is ended in the same time', async () => {
    const listener = await listen({ limits });
    const socket = tcp(listener);
    // A TLS record of 16 KiB, announced and never finished.
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x3f, 0xff, 0x01]));
    const drip = setInterval(() => socket.write(Buffer.alloc(1)), 10);
    expect(await isClosed(socket)).toBe(true);
    clearInterval(drip);
  });

  test('one that is no TLS is refused', async () => {
    const { tell, first } = heard<string>();
    const socket = tcp(await listen({ onRefused: tell }));
    socket.end('GET / HTTP/1.1\r\n\r\n');
    expect([await first, await isClosed(socket)]).toEqual(['handshake', true]);
  });

  test('one without HTTP/2 is refused', async () => {
    const { tell, first } = heard<string>();
    const socket = tls(await listen({ onRefused: tell }), { ALPNProtocols: [] });
    socket.end('GET / HTTP/1.1\r\n\r\n');
    expect([await first, await isClosed(socket)]).toEqual(['handshake', true]);
  });

  test('one address has so many, and room again when they end', async () => {
    const { tell, first } = heard<string>();
    const listener = await listen({ limits: { connectionsPerAddress: 2 }, onRefused: tell });
    const [one] = [await http2(listener), await http2(listener)];
    expect(await isClosed(tls(listener))).toBe(true);
    expect(await first).toBe('too_many');
    one?.destroy();
    await untilAnswered(clientOf(listener));
  });

  test('there are so many in all', async () => {
    const { tell, first } = heard<string>();
    const listener = await listen({ limits: { connections: 2 }, onRefused: tell });
    await http2(listener);
    await http2(listener);
    expect(await isClosed(tcp(listener))).toBe(true);
    expect(await first).toBe('too_many');
  });

  test('one address opens so many a second', async () => {
    const { tell, first } = heard<string>();
    const listener = await listen({ limits: { newPerAddress: { perSecond: 1, burst: 2 } }, onRefused: tell });
    await http2(listener);
    await http2(listener);
    expect(await isClosed(tls(listener))).toBe(true);
    expect(await first).toBe('too_fast');
  });

  test('one with a flood of requests is ended, also when the server knows none of them, and others are not', async () => {
    const { tell, first } = heard<string>();
    const listener = await listen({ limits: { streams: { perSecond: 1, burst: 100 } }, onRefused: tell });
    const other = clientOf(listener);
    expect(await ask(other)).toBe('answered');
    const session = await http2(listener);
    const flood = setInterval(() => {
      for (let i = 0; i < 50 && !session.destroyed; i++) {
        const headers = { ':method': 'POST', ':path': '/no.such/Method', 'content-type': 'application/grpc' };
        session
          .request(headers, { endStream: true })
          .on('error', () => undefined)
          .resume();
      }
    });
    expect([await first, await isClosed(session)]).toEqual(['stream_flood', true]);
    clearInterval(flood);
    expect(await ask(other)).toBe('answered');
  });
});

test('no session is resumed, not even one of another server with the same certificate', async () => {
  const listener = await listen();
  const twin = createTlsServer({
    cert: readFileSync(files.certFile),
    key: readFileSync(files.keyFile),
    ca: readFileSync(files.caFile),
    requestCert: true,
    minVersion: 'TLSv1.3',
    ALPNProtocols: ['h2'],
  });
  twin.on('secureConnection', (socket) => socket.on('error', () => undefined).write('x'));
  twin.listen(0, '127.0.0.1');
  await once(twin, 'listening');
  const address = twin.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const port = address.port;
  const sessionOf = (socket: TLSSocket) =>
    new Promise<Buffer>((resolve) => {
      socket.once('session', resolve);
    });
  const isReused = async (socket: TLSSocket): Promise<boolean> => {
    await once(socket, 'data');
    return socket.isSessionReused();
  };
  const fromTwin = await sessionOf(tls({ ...listener, port }));
  // The ticket is good: the server that gave it takes it.
  expect(await isReused(tls({ ...listener, port }, { session: fromTwin }))).toBe(true);
  const ours = tls(listener);
  await once(ours, 'data');
  for (const session of [fromTwin, ours.getSession()]) {
    expect(await isReused(tls(listener, { session }))).toBe(false);
  }
  twin.close();
});

describe('the client', () => {
  test('takes a new certificate for its calls from then on, and lets those in flight end', async () => {
    const listener = await listen();
    const own = { certFile: join(directory, 'client.pem'), keyFile: join(directory, 'client.key') };
    const put = ({ certFile, keyFile }: Credentials) => {
      copyFileSync(certFile, own.certFile);
      copyFileSync(keyFile, own.keyFile);
    };
    put(pki.api);
    const { tell, first } = heard<Error>();
    const client = createMtlsClient({
      address: `127.0.0.1:${listener.port}`,
      tls: { caFile: pki.apiCaFile, ...own },
      serverSpiffeId: SPIFFE_IDS.signer,
      onTlsFilesRefused: tell,
    });
    opened.defer(() => client.close());
    expect(await ask(client)).toBe('answered');
    const pending = ask(client, 'hang');

    writeFileSync(own.keyFile, 'half');
    expect(String(await first)).toMatch(/client\.key: expected a private key/);
    expect(await ask(client)).toBe('answered');

    // One that the server refuses, so that it shows which one is in force.
    const { certificate, privateKey } = await pki.issue({ name: 'foreign', authority: 'operator' });
    writeFileSync(own.certFile, certificate);
    writeFileSync(own.keyFile, privateKey);
    const end = Date.now() + 4_000;
    while (Date.now() < end && (await ask(client)) === 'answered');
    expect(await ask(client)).toMatch(/UNAVAILABLE/);
    answer();
    expect(await pending).toBe('answered');
    put(pki.api);
    await untilAnswered(client);
  });
});
