import { type ChannelOptions, Client, Metadata, type MethodDefinition } from '@grpc/grpc-js';
import { CountersignError } from '../errors.ts';
import { createMtlsChannelCredentials } from './credentials.ts';
import { fromServiceError } from './error-trailer.ts';
import { readTlsFiles, type TlsFiles, type TlsMaterial, watchTlsFiles } from './tls-files.ts';

export interface MtlsClientOptions {
  /** `host:port`. */
  readonly address: string;
  /** Read again whenever they change: calls from then on go over a new connection. */
  readonly tls: TlsFiles;
  /** The one identity that the server's certificate may carry, for example `spiffe://countersign.dev/signer`. */
  readonly serverSpiffeId: string;
  /** Told of changed files that are bad; those before them stay in force. */
  readonly onTlsFilesRefused?: (error: Error) => void;
}

/** Unary calls to one server over mTLS 1.3. */
export interface MtlsClient {
  /** @param deadlineMs from now. Rejects with a CountersignError and nothing else. */
  call<Response>(
    method: Pick<MethodDefinition<never, Response>, 'path' | 'responseDeserialize'>,
    request: Buffer,
    deadlineMs: number,
  ): Promise<Response>;
  /** Calls in flight fail as UNAVAILABLE. */
  close(): void;
}

// No proxy from the environment, no hidden retries, and a server that comes back is found soon.
const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/** One channel, and how many calls are under way on it. */
interface Generation {
  readonly client: Client;
  calls: number;
}

/** Connects at the first call, and again when a connection is lost. @throws Error naming the file that is bad. */
export function createMtlsClient(options: MtlsClientOptions): MtlsClient {
  const { address, serverSpiffeId } = options;
  const open = (material: TlsMaterial): Generation => {
    const client = new Client(address, createMtlsChannelCredentials(material, serverSpiffeId), {
      ...CHANNEL_OPTIONS,
      // The name in the handshake's clear text, where an address would not be allowed (RFC 6066); nothing depends on it.
      'grpc.ssl_target_name_override': new URL(serverSpiffeId).hostname,
    });
    return { client, calls: 0 };
  };
  const first = readTlsFiles(options.tls);
  let current = open(first);
  const generations = new Set([current]);
  const retire = (generation: Generation) => {
    if (generation === current || generation.calls > 0) return;
    generations.delete(generation);
    generation.client.close();
  };
  const onChange = (material: TlsMaterial) => {
    const before = current;
    current = open(material);
    generations.add(current);
    retire(before);
  };
  const watch = watchTlsFiles(options.tls, first, onChange, (error) => options.onTlsFilesRefused?.(error));

  return {
    call: (method, request, deadlineMs) =>
      new Promise((resolve, reject) => {
        const generation = current;
        const { path, responseDeserialize } = method;
        const deadline = Date.now() + deadlineMs;
        try {
          generation.client.makeUnaryRequest(
            path,
            asItIs,
            responseDeserialize,
            request,
            new Metadata(),
            { deadline },
            (error, response) => {
              generation.calls -= 1;
              retire(generation);
              if (error !== null) reject(fromServiceError(error));
              else if (response !== undefined) resolve(response);
            },
          );
          generation.calls += 1;
        } catch (cause) {
          reject(new CountersignError('UNAVAILABLE', 'the client is closed', { cause }));
        }
      }),
    close: () => {
      watch.close();
      for (const { client } of generations) client.close();
    },
  };
}

const asItIs = (bytes: Buffer): Buffer => bytes;
