import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import type { MethodDefinition } from '@grpc/grpc-js';
import { ownBytes } from './own-bytes.ts';
import { type Received, receive } from './received.ts';

/** A grpc-js service definition whose methods are named and typed as in the generated service. */
export type ServiceDefinitionOf<Methods extends GenServiceMethods> = {
  readonly [Name in keyof Methods]: MethodDefinition<
    MessageShape<Methods[Name]['input']>,
    MessageShape<Methods[Name]['output']>
  >;
};

/** The same for a server that answers every message, also one that it cannot read. */
export type StrictServiceDefinitionOf<Methods extends GenServiceMethods> = {
  readonly [Name in keyof Methods]: MethodDefinition<
    Received<MessageShape<Methods[Name]['input']>>,
    MessageShape<Methods[Name]['output']>
  >;
};

/** Turns a service that protobuf-es generated into what grpc-js wants for a server or a client. */
export function serviceDefinition<Methods extends GenServiceMethods>(
  service: GenService<Methods>,
): ServiceDefinitionOf<Methods> {
  const methods = service.methods.map((method) => [
    method.localName,
    { ...outline(service, method), ...requests(method.input), ...responses(method.output) },
  ]);
  // The generated type is made from the same descriptors, which TypeScript cannot follow through a map of names.
  return Object.fromEntries(methods) as ServiceDefinitionOf<Methods>;
}

/**
 * For a server that takes one encoding of a message and no other: a request that is not it reaches the handler as what is
 * wrong with it, so that it can be answered and written down.
 */
export function strictServiceDefinition<Methods extends GenServiceMethods>(
  service: GenService<Methods>,
): StrictServiceDefinitionOf<Methods> {
  const methods = service.methods.map((method) => [
    method.localName,
    {
      ...outline(service, method),
      requestSerialize: (): never => {
        throw new Error('a server sends no requests');
      },
      requestDeserialize: (bytes: Buffer) => receive(method.input, bytes),
      ...responses(method.output),
    },
  ]);
  // As above.
  return Object.fromEntries(methods) as StrictServiceDefinitionOf<Methods>;
}

function outline(service: GenService<GenServiceMethods>, method: GenService<GenServiceMethods>['methods'][number]) {
  return {
    path: `/${service.typeName}/${method.name}`,
    requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
    responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
  };
}

function requests<Desc extends DescMessage>(schema: Desc) {
  const { serialize, deserialize } = codec(schema);
  return { requestSerialize: serialize, requestDeserialize: deserialize };
}

function responses<Desc extends DescMessage>(schema: Desc) {
  const { serialize, deserialize } = codec(schema);
  return { responseSerialize: serialize, responseDeserialize: deserialize };
}

function codec<Desc extends DescMessage>(schema: Desc) {
  return {
    serialize: (message: MessageShape<Desc>): Buffer => {
      const bytes = toBinary(schema, message, { writeUnknownFields: false });
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    deserialize: (bytes: Buffer): MessageShape<Desc> =>
      ownBytes(fromBinary(schema, bytes, { readUnknownFields: false })),
  };
}
