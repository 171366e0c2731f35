import { create } from '@bufbuild/protobuf';
import { createMtlsClient, serviceDefinition } from '@countersign/contract/grpc';
import { Health, HealthCheckRequestSchema, HealthCheckResponse_ServingStatus } from '@countersign/contract/health';
import type { ApiConfig } from '../config/config.ts';

/** Asks the signer over the wall whether it can sign (grpc.health.v1). */
export interface SignerHealth {
  /** Resolves when it serves; rejects when it does not answer within the deadline, or says no. */
  check(deadlineMs: number): Promise<void>;
  close(): void;
}

export function createSignerHealth(signer: ApiConfig['signer']): SignerHealth {
  const client = createMtlsClient(signer);
  const { check } = serviceDefinition(Health);
  const request = check.requestSerialize(create(HealthCheckRequestSchema));
  return {
    check: async (deadlineMs) => {
      const { status } = await client.call(check, request, deadlineMs);
      if (status !== HealthCheckResponse_ServingStatus.SERVING) throw new Error('signer: not serving');
    },
    close: () => client.close(),
  };
}
