import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import { type ChannelOptions, Client, Metadata, type MethodDefinition, type requestCallback } from '@grpc/grpc-js';
import { CountersignError } from '../errors.ts';
import {
  GetKeyRequestSchema,
  type GetKeyResponse,
  ListKeysRequestSchema,
  type ListKeysResponse,
  SignerService,
  SignTransactionRequestSchema,
  type SignTransactionResponse,
} from '../gen/countersign/signer/v1/signer_pb.ts';
import { createMtlsChannelCredentials } from './credentials.ts';
import { fromServiceError } from './error-trailer.ts';
import { serviceDefinition } from './service-definition.ts';

const DEFAULT_DEADLINE_MS = 10_000;

export interface CallOptions {
  /** From now until the call fails as DEADLINE; 10 s by default. */
  readonly deadlineMs?: number;
}

/** The signer as its callers see it. Every call rejects with a CountersignError and nothing else. */
export interface SignerClient {
  signTransaction(
    request: MessageInitShape<typeof SignTransactionRequestSchema>,
    options?: CallOptions,
  ): Promise<SignTransactionResponse>;
  listKeys(request?: MessageInitShape<typeof ListKeysRequestSchema>, options?: CallOptions): Promise<ListKeysResponse>;
  getKey(request: MessageInitShape<typeof GetKeyRequestSchema>, options?: CallOptions): Promise<GetKeyResponse>;
  /** Calls in flight fail as UNAVAILABLE. */
  close(): void;
}

export interface SignerClientOptions {
  /** `host:port`. */
  readonly address: string;
  readonly tls: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
  /** The one identity that the server's certificate may carry, for example `spiffe://countersign.dev/signer`. */
  readonly serverSpiffeId: string;
  /** The deadline of calls that name none. */
  readonly deadlineMs?: number;
}

// No proxy from the environment, no hidden retries, and a signer that comes back is found soon.
const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.enable_http_proxy': 0,
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

/** Reads the certificate files once; connects at the first call, and again when a connection is lost. */
export function createSignerClient(options: SignerClientOptions): SignerClient {
  const { caFile, certFile, keyFile } = options.tls;
  const credentials = createMtlsChannelCredentials(
    { ca: caFile, cert: certFile, key: keyFile },
    options.serverSpiffeId,
  );
  const client = new Client(options.address, credentials, {
    ...CHANNEL_OPTIONS,
    // The name in the handshake's clear text, where an address would not be allowed (RFC 6066); nothing depends on it.
    'grpc.ssl_target_name_override': new URL(options.serverSpiffeId).hostname,
  });
  const definition = serviceDefinition(SignerService);
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;

  const call = <Desc extends DescMessage, Response>(
    method: MethodDefinition<MessageShape<Desc>, Response>,
    schema: Desc,
    init: MessageInitShape<Desc>,
    callOptions: CallOptions,
  ): Promise<Response> =>
    new Promise((resolve, reject) => {
      const request = encode(method, schema, init);
      const deadline = Date.now() + (callOptions.deadlineMs ?? deadlineMs);
      const done: requestCallback<Response> = (error, response) => {
        if (error !== null) reject(fromServiceError(error));
        else if (response !== undefined) resolve(response);
      };
      try {
        const { path, responseDeserialize } = method;
        client.makeUnaryRequest(path, asItIs, responseDeserialize, request, new Metadata(), { deadline }, done);
      } catch (cause) {
        reject(new CountersignError('UNAVAILABLE', 'the client is closed', { cause }));
      }
    });

  return {
    signTransaction: (request, callOptions = {}) =>
      call(definition.signTransaction, SignTransactionRequestSchema, request, callOptions),
    listKeys: (request = {}, callOptions = {}) =>
      call(definition.listKeys, ListKeysRequestSchema, request, callOptions),
    getKey: (request, callOptions = {}) => call(definition.getKey, GetKeyRequestSchema, request, callOptions),
    close: () => client.close(),
  };
}

const asItIs = (bytes: Buffer): Buffer => bytes;

// Before the call, so that a value out of its field's range is not taken for a broken connection.
function encode<Desc extends DescMessage>(
  method: Pick<MethodDefinition<MessageShape<Desc>, never>, 'requestSerialize'>,
  schema: Desc,
  init: MessageInitShape<Desc>,
): Buffer {
  try {
    return method.requestSerialize(create(schema, init));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'cannot be encoded';
    throw new CountersignError('INVALID_REQUEST', `request: ${problem}`, { cause });
  }
}
