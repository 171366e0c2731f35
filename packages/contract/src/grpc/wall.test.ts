import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { create } from '@bufbuild/protobuf';
import { type Authority, createAuthority } from '@countersign/dev/authority';
import { Client, Metadata, Server, type ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { CountersignError } from '../errors.ts';
import {
  GetKeyRequestSchema,
  SignerService,
  SignTransactionResponseSchema,
} from '../gen/countersign/signer/v1/signer_pb.ts';
import { spiffeIdOf } from '../peer.ts';
import { createMtlsChannelCredentials } from './credentials.ts';
import { listenWithMtls, type MtlsListener } from './mtls-listener.ts';
import { MAX_REQUEST_BYTES } from './request-size.ts';
import { serviceDefinition } from './service-definition.ts';
import { createSignerClient, type SignerClient } from './signer-client.ts';
import { readTlsFiles, type TlsFiles } from './tls-files.ts';
import { unaryHandler } from './unary-handler.ts';

const API = 'spiffe://countersign.dev/api';
const SIGNER = 'spiffe://countersign.dev/signer';
const DAY_MS = 86_400_000;
const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };

let directory: string;
let trusted: Authority;
let foreign: Authority;
let serverTls: TlsFiles;
let apiFiles: TlsFiles;
let listener: MtlsListener;
let port: number;
const clients: { close(): void }[] = [];
const unknownErrors: unknown[] = [];

async function issue(authority: Authority, name: string, uri: string, usage: 'clientAuth' | 'serverAuth') {
  const pair = await authority.certify({ name, usage, uris: [uri], dns: [], ips: [], ...validity });
  return { cert: Buffer.from(pair.certificate), key: Buffer.from(pair.privateKey) };
}

async function filesFor(name: string, authority: Authority, uri: string, usage: 'clientAuth' | 'serverAuth') {
  const { cert, key } = await issue(authority, name, uri, usage);
  const files = { caFile: join(directory, 'ca.pem'), certFile: join(directory, `${name}.pem`) };
  const keyFile = join(directory, `${name}.key`);
  writeFileSync(files.caFile, trusted.certificate);
  writeFileSync(files.certFile, cert);
  writeFileSync(keyFile, key);
  return { ...files, keyFile };
}

async function listen(tls: TlsFiles, at = 0): Promise<MtlsListener> {
  const created = new Server({ 'grpc.max_receive_message_length': MAX_REQUEST_BYTES });
  created.addService(serviceDefinition(SignerService), {
    signTransaction: unaryHandler<Parameters<SignerClient['signTransaction']>[0], unknown>(async (request, call) => {
      const raw = call.getAuthContext()?.sslPeerCertificate?.raw;
      if (request.requestId === 'hang') return new Promise(() => undefined);
      return create(SignTransactionResponseSchema, {
        signature: Buffer.from(raw === undefined ? 'nobody' : spiffeIdOf(raw)),
        ...(request.transaction?.case === 'evm' && {
          signedTransaction: request.transaction.value.unsignedTransaction ?? new Uint8Array(),
        }),
      });
    }),
    listKeys: unaryHandler(
      () => {
        throw new TypeError('a bug with a secret in it');
      },
      (error) => unknownErrors.push(error),
    ),
    getKey: unaryHandler(async () => {
      throw new CountersignError('POLICY_DENIED', 'two rules', {
        reasons: [
          { code: 'FEE', message: 'fee: expected at most 1, got 2' },
          { code: 'DESTINATION', message: 'destination: not listed' },
        ],
      });
    }),
  });
  return listenWithMtls(created, { host: '127.0.0.1', port: at, tls, limits: { graceMs: 0 } });
}

function clientOf(tls: TlsFiles, options: { port?: number; serverSpiffeId?: string; deadlineMs?: number } = {}) {
  const { port: to = port, serverSpiffeId = SIGNER, ...rest } = options;
  const client = createSignerClient({ address: `127.0.0.1:${to}`, tls, serverSpiffeId, ...rest });
  clients.push(client);
  return client;
}

const failure = (call: Promise<unknown>): Promise<CountersignError> =>
  call.then(
    () => {
      throw new Error('the call succeeded');
    },
    (error: unknown) => {
      if (error instanceof CountersignError) return error;
      throw error;
    },
  );

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-wall-'));
  trusted = await createAuthority('api-ca', validity);
  foreign = await createAuthority('operator-ca', validity);
  apiFiles = await filesFor('api', trusted, API, 'clientAuth');
  serverTls = await filesFor('signer', trusted, SIGNER, 'serverAuth');
  listener = await listen(serverTls);
  port = listener.port;
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

afterAll(async () => {
  await listener.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('over mTLS', () => {
  test('a call arrives with the identity of the caller', async () => {
    const answer = await clientOf(apiFiles).signTransaction({ requestId: 'r' });
    expect(Buffer.from(answer.signature).toString()).toBe(API);
  });

  test('a large message arrives whole, in memory of its own', async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
    const request = { transaction: { case: 'evm', value: { unsignedTransaction: bytes } } } as const;
    const { signedTransaction } = await clientOf(apiFiles).signTransaction(request);
    expect(Buffer.compare(signedTransaction, bytes)).toBe(0);
    expect(signedTransaction.buffer.byteLength).toBe(bytes.byteLength);
  });

  test('a request above the limit is not sent', async () => {
    const unsignedTransaction = new Uint8Array(MAX_REQUEST_BYTES);
    const request = { transaction: { case: 'evm', value: { unsignedTransaction } } } as const;
    const error = await failure(clientOf(apiFiles).signTransaction(request));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
    expect(error.message).toMatch(/expected at most 1048576 bytes, got 10485\d\d$/);
  });

  test('an error of the signer arrives with every reason', async () => {
    const error = await failure(clientOf(apiFiles).getKey({ keyId: 'k' }));
    expect(error).toMatchObject({ code: 'POLICY_DENIED', message: 'two rules', retryable: false });
    expect(error.reasons.map(({ code }) => code)).toEqual(['FEE', 'DESTINATION']);
  });

  test('an unknown error says nothing to the caller, and everything to the log', async () => {
    const error = await failure(clientOf(apiFiles).listKeys());
    expect(error).toMatchObject({ code: 'INTERNAL', message: 'Internal error', reasons: [] });
    expect(unknownErrors).toEqual([new TypeError('a bug with a secret in it')]);
  });

  test('a call without an answer ends at its deadline', async () => {
    const client = clientOf(apiFiles, { deadlineMs: 60_000 });
    const error = await failure(client.signTransaction({ requestId: 'hang' }, { deadlineMs: 50 }));
    expect(error).toMatchObject({ code: 'DEADLINE', retryable: true });
    expect((await failure(clientOf(apiFiles, { deadlineMs: 50 }).signTransaction({ requestId: 'hang' }))).code).toBe(
      'DEADLINE',
    );
  });

  test('a request that protobuf cannot decode is refused', async () => {
    const credentials = createMtlsChannelCredentials(readTlsFiles(apiFiles), SIGNER);
    const raw = new Client(`127.0.0.1:${port}`, credentials, { 'grpc.ssl_target_name_override': 'signer' });
    clients.push(raw);
    const error = await new Promise<ServiceError | null>((resolve) => {
      const { path } = serviceDefinition(SignerService).getKey;
      raw.makeUnaryRequest(
        path,
        () => Buffer.from([0x0a, 0xff]),
        (bytes) => bytes,
        create(GetKeyRequestSchema),
        new Metadata(),
        (failed) => resolve(failed),
      );
    });
    expect(error?.details).toBe('Error deserializing request');
  });
});

describe('a server that is not the signer gets no call', () => {
  test.each<[name: string, authority: () => Authority, uri: string, why: RegExp]>([
    ['another SPIFFE ID', () => trusted, API, /got spiffe:\/\/countersign.dev\/api/],
    [
      'a prefix of the SPIFFE ID',
      () => trusted,
      'spiffe://countersign.dev/signe',
      /got spiffe:\/\/countersign.dev\/signe/,
    ],
    ['no SPIFFE ID', () => trusted, 'https://countersign.dev/signer', /not a SPIFFE ID/],
    ['another CA', () => foreign, SIGNER, /unable to verify the first certificate/],
  ])('%s', async (_, authority, uri, why) => {
    const impostor = await listen(await filesFor('impostor', authority(), uri, 'serverAuth'));
    try {
      const error = await failure(clientOf(apiFiles, { port: impostor.port }).signTransaction({}));
      const cause = expect.objectContaining({ details: expect.stringMatching(why) });
      expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true, cause });
    } finally {
      await impostor.close();
    }
  });

  test('one that speaks no more than TLS 1.2', async () => {
    const { cert, key } = readTlsFiles(serverTls);
    const old = createSecureServer({ cert, key, maxVersion: 'TLSv1.2' }).listen(0);
    await once(old, 'listening');
    const address = old.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    try {
      const error = await failure(clientOf(apiFiles, { port: address.port }).signTransaction({}));
      const cause = expect.objectContaining({ details: expect.stringMatching(/protocol version/) });
      expect(error).toMatchObject({ code: 'UNAVAILABLE', cause });
    } finally {
      old.close();
    }
  });

  test('nobody listens', async () => {
    const gone = await listen(serverTls);
    await gone.close();
    const error = await failure(clientOf(apiFiles, { port: gone.port }).signTransaction({}));
    expect(error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  });
});

test('a signer that dies with a call in flight leaves it unknown, and is found again', async () => {
  const first = await listen(serverTls);
  const client = clientOf(apiFiles, { port: first.port });
  await client.signTransaction({ requestId: 'r' });
  const pending = failure(client.signTransaction({ requestId: 'hang' }));
  await first.close();
  expect(await pending).toMatchObject({ code: 'UNAVAILABLE', retryable: true });

  const second = await listen(serverTls, first.port);
  try {
    // Until the channel has backed off and connected again, calls fail at once.
    let answer: Uint8Array | undefined;
    while (answer === undefined) {
      answer = await client.signTransaction({ requestId: 'r' }).then(
        ({ signature }) => signature,
        () => undefined,
      );
    }
    expect(Buffer.from(answer).toString()).toBe(API);
  } finally {
    await second.close();
  }
});

test('a client that is closed fails its calls', async () => {
  const client = clientOf(apiFiles);
  client.close();
  expect(await failure(client.signTransaction({}))).toMatchObject({ code: 'UNAVAILABLE' });
});

test('a value out of range is the request, not the connection', async () => {
  const evm = { unsignedTransaction: new Uint8Array(), lowestOpenNonce: 2n ** 64n };
  const call = clientOf(apiFiles).signTransaction({ transaction: { case: 'evm', value: evm } });
  expect(await failure(call)).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
});

test('a client for a server without a SPIFFE ID is not made', () => {
  expect(() => clientOf(apiFiles, { serverSpiffeId: 'https://signer' })).toThrow(/SPIFFE ID/);
});

/** One TLS handshake and one HTTP/2 preface; resolves with the socket once the server has spoken, rejects when it hangs up. */
async function handshake(options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ALPNProtocols: ['h2'],
    checkServerIdentity: () => undefined,
    ...options,
  });
  const closed = once(socket, 'close').then(() => {
    throw new Error('the server hung up');
  });
  await Promise.race([once(socket, 'secureConnect'), closed]);
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
  // In TLS 1.3 the client is done before the server has looked at its certificate.
  await Promise.race([once(socket, 'data'), closed]);
  closed.catch(() => undefined);
  return socket;
}

describe('the server refuses', () => {
  const ca = () => trusted.certificate;

  test('nothing of a good client (the probe itself works)', async () => {
    const socket = await handshake({ ca: ca(), ...(await issue(trusted, 'api', API, 'clientAuth')) });
    expect(socket.getProtocol()).toBe('TLSv1.3');
    socket.destroy();
  });

  test('TLS 1.2', async () => {
    const client = await issue(trusted, 'api', API, 'clientAuth');
    await expect(handshake({ ca: ca(), ...client, maxVersion: 'TLSv1.2' })).rejects.toThrow(/protocol version/);
  });

  test('a client without a certificate', async () => {
    await expect(handshake({ ca: ca() })).rejects.toThrow(/certificate required|hung up/);
  });

  test('a certificate of another CA', async () => {
    const client = await issue(foreign, 'operator', API, 'clientAuth');
    await expect(handshake({ ca: ca(), ...client })).rejects.toThrow(/unknown ca|hung up|ECONNRESET/i);
  });

  test('a certificate of a server', async () => {
    const client = await issue(trusted, 'signer', SIGNER, 'serverAuth');
    await expect(handshake({ ca: ca(), ...client })).rejects.toThrow(/certificate|hung up/);
  });

  test('an expired certificate', async () => {
    const past = { notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: new Date(Date.now() - DAY_MS) };
    const pair = await trusted.certify({ name: 'api', usage: 'clientAuth', uris: [API], dns: [], ips: [], ...past });
    const client = { cert: pair.certificate, key: pair.privateKey };
    await expect(handshake({ ca: ca(), ...client })).rejects.toThrow(/certificate expired|hung up/);
  });

  test('to resume a session: every connection shows its certificate again', async () => {
    const client = await issue(trusted, 'api', API, 'clientAuth');
    const first = connect({
      host: '127.0.0.1',
      port,
      ca: ca(),
      ...client,
      ALPNProtocols: ['h2'],
      checkServerIdentity: () => undefined,
    });
    let session: Buffer | undefined;
    first.on('session', (ticket) => {
      session = ticket;
    });
    await once(first, 'secureConnect');
    first.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
    await once(first, 'data');
    session ??= first.getSession();
    first.destroy();
    const second = await handshake({ ca: ca(), ...client, ...(session && { session }) });
    expect(second.isSessionReused()).toBe(false);
    second.destroy();
  });
});
