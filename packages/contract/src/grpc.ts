export {
  createMtlsChannelCredentials,
  createMtlsServerCredentials,
  type Pem,
  type TlsMaterial,
} from './grpc/credentials.ts';
export { type ServiceDefinitionOf, serviceDefinition } from './grpc/service-definition.ts';
export {
  type CallOptions,
  createSignerClient,
  type SignerClient,
  type SignerClientOptions,
} from './grpc/signer-client.ts';
export { unaryHandler } from './grpc/unary-handler.ts';
