import { constants } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { createSharedTable } from '@countersign/runtime/shared-table';
import { createTokenBucket } from '@countersign/runtime/token-bucket';
import { type ConnectionInjector, type Server, ServerCredentials } from '@grpc/grpc-js';
import { type ConnectionLimits, type ConnectionRefusal, connectionLimits } from './connection-limits.ts';
import { type Endpoints, watchStreams } from './stream-watch.ts';
import { readTlsFiles, type TlsFiles, type TlsMaterial, watchTlsFiles } from './tls-files.ts';

export interface MtlsListenerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Read again whenever they change. */
  readonly tls: TlsFiles;
  readonly limits?: Partial<ConnectionLimits>;
  readonly onRefused?: (why: ConnectionRefusal, address: string) => void;
  readonly onTlsFilesChanged?: (changed: { readonly ca: boolean }) => void;
  /** Told of changed files that are bad; those before them stay in force. */
  readonly onTlsFilesRefused?: (error: Error) => void;
}

/** An open connection whose client certificate chains to the CA. */
export interface PeerConnection {
  readonly address: string;
  /** The client certificate, DER. */
  readonly certificate: Uint8Array;
}

export interface MtlsListener {
  readonly port: number;
  connectionOf(ends: Endpoints): PeerConnection | undefined;
  /** Takes no new connections and no new calls, finishes those in flight, and ends what is left after `graceMs`. */
  close(): Promise<void>;
}

interface Connecting {
  readonly impatience: NodeJS.Timeout;
  readonly era: number;
}

interface Open extends PeerConnection {
  readonly socket: TLSSocket;
  readonly streams: ReturnType<typeof createTokenBucket>;
}

/**
 * Listens for a gRPC server over mutual TLS 1.3. The server's own listener would do the same handshake, but has no limit on
 * connections and no way to end those of a CA that is gone: when the CA changes, every connection is told to end, and who
 * still has a good certificate comes back with it. Sessions are not resumed: every connection presents its certificate.
 *
 * @throws Error naming the TLS file that is bad, or why the port cannot be had.
 */
export async function listenWithMtls(server: Server, options: MtlsListenerOptions): Promise<MtlsListener> {
  const limits = { ...connectionLimits, ...options.limits };
  const first = readTlsFiles(options.tls);
  // The injected connections are TLS sockets already: to the server they need no credentials of its own.
  const openInjector = () => server.createConnectionInjector(ServerCredentials.createInsecure());
  let injector = openInjector();
  let era = 0;
  const connecting = new Map<string, Connecting>();
  const open = new Map<string, Open>();
  const sockets = new Set<Socket>();
  const addresses = createSharedTable({
    max: 4 * limits.connections,
    create: () => ({ open: 0, fresh: createTokenBucket(limits.newPerAddress) }),
    isIdle: (each) => each.open === 0 && each.fresh.isFull(),
  });
  const refuse = (socket: Socket, why: ConnectionRefusal) => {
    options.onRefused?.(why, socket.remoteAddress ?? 'unknown');
    socket.destroy();
  };

  const tls = createTlsServer(secureContextOf(first), (socket) => {
    const name = nameOf(socket);
    const began = connecting.get(name);
    connecting.delete(name);
    clearTimeout(began?.impatience);
    socket.on('error', () => socket.destroy());
    const certificate = socket.getPeerX509Certificate()?.raw;
    if (!socket.authorized || certificate === undefined || socket.alpnProtocol !== 'h2') {
      return refuse(socket, 'handshake');
    }
    if (began?.era !== era) return refuse(socket, 'superseded');
    const address = socket.remoteAddress ?? 'unknown';
    open.set(name, { address, certificate, socket, streams: createTokenBucket(limits.streams) });
    socket.once('close', () => open.delete(name));
    injector.injectConnection(socket);
  });
  tls.on('tlsClientError', (_error, socket) => options.onRefused?.('handshake', socket.remoteAddress ?? 'unknown'));

  const tcp = createServer({ noDelay: true }, (socket) => {
    const from = addresses.of(socket.remoteAddress ?? 'unknown');
    if (from.open >= limits.connectionsPerAddress) return refuse(socket, 'too_many');
    if (!from.fresh.take()) return refuse(socket, 'too_fast');
    const name = nameOf(socket);
    from.open += 1;
    sockets.add(socket);
    const impatience = setTimeout(() => socket.destroy(), limits.handshakeMs).unref();
    connecting.set(name, { impatience, era });
    socket.once('close', () => {
      from.open -= 1;
      sockets.delete(socket);
      clearTimeout(impatience);
      connecting.delete(name);
    });
    tls.emit('connection', socket);
  });
  tcp.maxConnections = limits.connections;
  tcp.on('drop', (dropped) => options.onRefused?.('too_many', dropped?.remoteAddress ?? 'unknown'));

  const unwatchStreams = watchStreams((ends) => {
    const connection = open.get(nameOf(ends));
    if (connection !== undefined && !connection.streams.take()) refuse(connection.socket, 'stream_flood');
  });
  const onChange = (material: TlsMaterial, before: TlsMaterial) => {
    tls.setSecureContext(secureContextOf(material));
    const ca = !material.ca.equals(before.ca);
    if (ca) {
      era += 1;
      retire(injector, limits.graceMs);
      injector = openInjector();
    }
    options.onTlsFilesChanged?.({ ca });
  };

  tcp.listen(options.port, options.host);
  await once(tcp, 'listening');
  const watch = watchTlsFiles(options.tls, first, onChange, (error) => options.onTlsFilesRefused?.(error));
  const bound = tcp.address();
  if (bound === null || typeof bound === 'string') throw new Error('wall: not listening on a port');
  return {
    port: bound.port,
    connectionOf: (ends) => open.get(nameOf(ends)),
    close: async () => {
      watch.close();
      era += 1; // A handshake that ends now comes too late.
      const closed = new Promise((resolve) => tcp.close(resolve));
      for (const { impatience } of connecting.values()) clearTimeout(impatience);
      const shutDown = new Promise((resolve) => server.tryShutdown(resolve));
      const impatience = setTimeout(() => server.forceShutdown(), limits.graceMs);
      await shutDown;
      clearTimeout(impatience);
      for (const socket of sockets) socket.destroy();
      unwatchStreams();
      await closed;
    },
  };
}

/** Tells its connections to end, and ends them after a while. */
function retire(injector: ConnectionInjector, graceMs: number): void {
  injector.drain(graceMs);
  setTimeout(() => injector.destroy(), graceMs).unref();
}

const nameOf = ({ remoteAddress, remotePort, localAddress, localPort }: Endpoints): string =>
  `${remoteAddress}|${remotePort}|${localAddress}|${localPort}`;

function secureContextOf(material: TlsMaterial): SecureContextOptions & {
  requestCert: true;
  rejectUnauthorized: true;
  ALPNProtocols: string[];
} {
  return {
    ...material,
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
    requestCert: true,
    rejectUnauthorized: true,
    ALPNProtocols: ['h2'],
  };
}
