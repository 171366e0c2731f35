import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';
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
import { createMtlsClient, type MtlsClientOptions } from './mtls-client.ts';
import { MAX_REQUEST_BYTES } from './request-size.ts';
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

export interface SignerClientOptions extends MtlsClientOptions {
  /** The deadline of calls that name none. */
  readonly deadlineMs?: number;
}

/** Connects at the first call, and again when a connection is lost or the certificate files change. */
export function createSignerClient(options: SignerClientOptions): SignerClient {
  const client = createMtlsClient(options);
  const definition = serviceDefinition(SignerService);
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;

  const call = async <Desc extends DescMessage, Response>(
    method: MethodDefinition<MessageShape<Desc>, Response>,
    schema: Desc,
    init: MessageInitShape<Desc>,
    callOptions: CallOptions,
  ): Promise<Response> => client.call(method, encode(method, schema, init), callOptions.deadlineMs ?? deadlineMs);

  return {
    signTransaction: (request, callOptions = {}) =>
      call(definition.signTransaction, SignTransactionRequestSchema, request, callOptions),
    listKeys: (request = {}, callOptions = {}) =>
      call(definition.listKeys, ListKeysRequestSchema, request, callOptions),
    getKey: (request, callOptions = {}) => call(definition.getKey, GetKeyRequestSchema, request, callOptions),
    close: () => client.close(),
  };
}

// Before the call, so that a value out of its field's range, or too much of it, is not taken for a broken connection.
function encode<Desc extends DescMessage>(
  method: Pick<MethodDefinition<MessageShape<Desc>, never>, 'requestSerialize'>,
  schema: Desc,
  init: MessageInitShape<Desc>,
): Buffer {
  let bytes: Buffer;
  try {
    bytes = method.requestSerialize(create(schema, init));
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'cannot be encoded';
    throw new CountersignError('INVALID_REQUEST', `request: ${problem}`, { cause });
  }
  if (bytes.byteLength > MAX_REQUEST_BYTES) {
    const expected = `request: expected at most ${MAX_REQUEST_BYTES} bytes, got ${bytes.byteLength}`;
    throw new CountersignError('INVALID_REQUEST', expected);
  }
  return bytes;
}
