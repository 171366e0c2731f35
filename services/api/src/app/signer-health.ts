import { create } from '@bufbuild/protobuf';
import { createMtlsChannelCredentials, serviceDefinition } from '@countersign/contract/grpc';
import { Health, HealthCheckRequestSchema, HealthCheckResponse_ServingStatus } from '@countersign/contract/health';
import { Client, Metadata } from '@grpc/grpc-js';
import type { ApiConfig } from '../config/config.ts';

/** Asks the signer over the wall whether it can sign (grpc.health.v1). */
export interface SignerHealth {
  /** Resolves when it serves; rejects when it does not answer within the deadline, or says no. */
  check(deadlineMs: number): Promise<void>;
  close(): void;
}

export function createSignerHealth({ address, serverSpiffeId, tls }: ApiConfig['signer']): SignerHealth {
  const material = { ca: tls.caFile, cert: tls.certFile, key: tls.keyFile };
  const client = new Client(address, createMtlsChannelCredentials(material, serverSpiffeId), {
    'grpc.enable_http_proxy': 0,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
  });
  const { check } = serviceDefinition(Health);
  return {
    check: (deadlineMs) =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest(
          check.path,
          check.requestSerialize,
          check.responseDeserialize,
          create(HealthCheckRequestSchema),
          new Metadata(),
          { deadline: Date.now() + deadlineMs },
          (error, response) => {
            if (error !== null) reject(error);
            else if (response?.status === HealthCheckResponse_ServingStatus.SERVING) resolve();
            else reject(new Error('signer: not serving'));
          },
        );
      }),
    close: () => client.close(),
  };
}
