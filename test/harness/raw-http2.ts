import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect, type TLSSocket } from 'node:tls';
import type { SignerWorld } from './signers.ts';

type World = Pick<SignerWorld, 'pki'>;
interface Target {
  readonly port: number;
}

/** A TLS connection with the API's certificate, over which anything can be said. */
export async function rawTls({ pki }: World, { port }: Target): Promise<TLSSocket> {
  const identity = { cert: pki.api.certificate, key: pki.api.privateKey, ca: readFileSync(pki.apiCaFile) };
  const socket = connect({ ...identity, host: '127.0.0.1', port, servername: 'localhost', ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  socket.on('error', () => undefined);
  return socket;
}

/** An HTTP/2 session over such a connection, which speaks gRPC as badly as its user wants. */
export async function rawHttp2(world: World, target: Target): Promise<ClientHttp2Session> {
  const socket = await rawTls(world, target);
  const session = connectHttp2('https://localhost', { createConnection: () => socket });
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  return session;
}

/** Begins a call: its headers are sent, its message is not. */
export function beginCall(session: ClientHttp2Session, path: string, headers = {}): ClientHttp2Stream {
  const own = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
  const stream = session.request({ ...own, ...headers });
  stream.on('error', () => undefined);
  return stream;
}

/** Makes a call with these bytes for its message. @returns the gRPC status, by number. */
export async function callWith(session: ClientHttp2Session, path: string, message: Uint8Array): Promise<number> {
  const stream = beginCall(session, path);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.byteLength, 1);
  stream.end(Buffer.concat([prefix, message]));
  const [headers] = await once(stream, 'response');
  stream.resume();
  return Number(headers['grpc-status']);
}
