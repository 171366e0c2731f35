import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2';
import type { MethodDefinition } from '@grpc/grpc-js';
import { ownBytes } from './own-bytes.ts';

/** A grpc-js service definition whose methods are named and typed as in the generated service. */
export type ServiceDefinitionOf<Methods extends GenServiceMethods> = {
  readonly [Name in keyof Methods]: MethodDefinition<
    MessageShape<Methods[Name]['input']>,
    MessageShape<Methods[Name]['output']>
  >;
};

/** Turns a service that protobuf-es generated into what grpc-js wants for a server or a client. */
export function serviceDefinition<Methods extends GenServiceMethods>(
  service: GenService<Methods>,
): ServiceDefinitionOf<Methods> {
  const methods = service.methods.map((method) => {
    const request = codec(method.input);
    const response = codec(method.output);
    const definition: MethodDefinition<MessageShape<DescMessage>, MessageShape<DescMessage>> = {
      path: `/${service.typeName}/${method.name}`,
      requestStream: method.methodKind === 'client_streaming' || method.methodKind === 'bidi_streaming',
      responseStream: method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming',
      requestSerialize: request.serialize,
      requestDeserialize: request.deserialize,
      responseSerialize: response.serialize,
      responseDeserialize: response.deserialize,
    };
    return [method.localName, definition];
  });
  // The generated type is made from the same descriptors, which TypeScript cannot follow through a map of names.
  return Object.fromEntries(methods) as ServiceDefinitionOf<Methods>;
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
