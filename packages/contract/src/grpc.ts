export { toStatus } from './grpc/error-trailer.ts';
export { createMtlsClient } from './grpc/mtls-client.ts';
export { listenWithMtls, type MtlsListener, type PeerConnection } from './grpc/mtls-listener.ts';
export type { Received } from './grpc/received.ts';
export { MAX_REQUEST_BYTES } from './grpc/request-size.ts';
export {
  type ServiceDefinitionOf,
  type StrictServiceDefinitionOf,
  serviceDefinition,
  strictServiceDefinition,
} from './grpc/service-definition.ts';
export {
  type CallOptions,
  createSignerClient,
  type SignerClient,
  type SignerClientOptions,
} from './grpc/signer-client.ts';
export { readTlsFiles, type TlsFiles } from './grpc/tls-files.ts';
export { unaryHandler } from './grpc/unary-handler.ts';
