import { create } from '@bufbuild/protobuf';
import { type handleUnaryCall, Metadata, type Server, type ServerWritableStream, status } from '@grpc/grpc-js';
import {
  Health,
  type HealthCheckRequest,
  type HealthCheckResponse,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from './gen/grpc/health/v1/health_pb.ts';
import { serviceDefinition } from './grpc/service-definition.ts';

export interface HealthService {
  /** Adds `grpc.health.v1.Health` to a server. */
  addTo(server: Server): void;
  /** Sets the status of a service by its full name; the empty name stands for the server as a whole. */
  set(service: string, serving: boolean): void;
  /** Everything is NOT_SERVING from here on, whatever `set` says, and watchers are released. */
  shutdown(): void;
}

type Watcher = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/**
 * The standard health service: https://github.com/grpc/grpc/blob/master/doc/health-checking.md. A service that was
 * never set is NOT_FOUND to Check, and SERVICE_UNKNOWN to Watch.
 */
export function createHealthService(): HealthService {
  const statuses = new Map<string, ServingStatus>([['', ServingStatus.NOT_SERVING]]);
  const watchers = new Set<Watcher>();
  let down = false;

  const check: handleUnaryCall<HealthCheckRequest, HealthCheckResponse> = (call, callback) => {
    const found = statuses.get(call.request.service);
    if (found === undefined) {
      callback({ code: status.NOT_FOUND, details: 'unknown service', metadata: new Metadata() });
    } else {
      callback(null, create(HealthCheckResponseSchema, { status: found }));
    }
  };

  const watch = (call: Watcher): void => {
    call.write(
      create(HealthCheckResponseSchema, {
        status: statuses.get(call.request.service) ?? ServingStatus.SERVICE_UNKNOWN,
      }),
    );
    if (down) {
      call.end();
      return;
    }
    watchers.add(call);
    call.on('cancelled', () => watchers.delete(call));
  };

  const change = (service: string, to: ServingStatus): void => {
    if (statuses.get(service) === to) return;
    statuses.set(service, to);
    for (const watcher of watchers) {
      if (watcher.request.service === service) watcher.write(create(HealthCheckResponseSchema, { status: to }));
    }
  };

  return {
    addTo: (server) => server.addService(serviceDefinition(Health), { check, watch }),
    set: (service, serving) => {
      if (!down) change(service, serving ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    },
    shutdown: () => {
      down = true;
      for (const service of statuses.keys()) change(service, ServingStatus.NOT_SERVING);
      for (const watcher of watchers) watcher.end();
      watchers.clear();
    },
  };
}
