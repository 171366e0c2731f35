import { create } from '@bufbuild/protobuf';
import { Client, credentials, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  Health,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from './gen/grpc/health/v1/health_pb.ts';
import { serviceDefinition } from './grpc/service-definition.ts';
import { createHealthService, type HealthService } from './health-service.ts';

const { check, watch } = serviceDefinition(Health);

let health: HealthService;
let server: Server;
let client: Client;

beforeEach(async () => {
  health = createHealthService();
  server = new Server();
  health.addTo(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterEach(() => {
  client.close();
  server.forceShutdown();
});

const checkStatus = (service: string) =>
  new Promise<ServingStatus>((resolve, reject) => {
    const request = create(HealthCheckRequestSchema, { service });
    const done = (error: ServiceError | null, answer?: HealthCheckResponse) =>
      error ? reject(error) : resolve(answer?.status ?? ServingStatus.UNKNOWN);
    client.makeUnaryRequest(
      check.path,
      check.requestSerialize,
      check.responseDeserialize,
      request,
      new Metadata(),
      done,
    );
  });

function watchStatus(service: string) {
  const request = create(HealthCheckRequestSchema, { service });
  const stream = client.makeServerStreamRequest(watch.path, watch.requestSerialize, watch.responseDeserialize, request);
  const iterator = stream[Symbol.asyncIterator]();
  return {
    next: async () => {
      const { value, done } = await iterator.next();
      return done === true ? 'ended' : value.status;
    },
    cancel: () => stream.cancel(),
    on: stream.on.bind(stream),
  };
}

describe('Check', () => {
  test('the server does not serve until it says so', async () => {
    expect(await checkStatus('')).toBe(ServingStatus.NOT_SERVING);
    health.set('', true);
    expect(await checkStatus('')).toBe(ServingStatus.SERVING);
    health.set('', false);
    expect(await checkStatus('')).toBe(ServingStatus.NOT_SERVING);
  });

  test('a service that was never set is not found', async () => {
    await expect(checkStatus('a.B')).rejects.toMatchObject({ code: status.NOT_FOUND });
    health.set('a.B', true);
    expect(await checkStatus('a.B')).toBe(ServingStatus.SERVING);
  });

  test('after shutdown nothing serves, whatever is set', async () => {
    health.set('a.B', true);
    health.shutdown();
    health.set('a.B', true);
    health.set('', true);
    expect(await checkStatus('a.B')).toBe(ServingStatus.NOT_SERVING);
    expect(await checkStatus('')).toBe(ServingStatus.NOT_SERVING);
  });
});

describe('Watch', () => {
  test('tells the status now and each change of it, of its own service alone', async () => {
    const stream = watchStatus('a.B');
    expect(await stream.next()).toBe(ServingStatus.SERVICE_UNKNOWN);
    health.set('other', true);
    health.set('a.B', true);
    health.set('a.B', true);
    health.set('a.B', false);
    expect(await stream.next()).toBe(ServingStatus.SERVING);
    expect(await stream.next()).toBe(ServingStatus.NOT_SERVING);
  });

  test('ends with the shutdown, and at once after it', async () => {
    health.set('', true);
    const stream = watchStatus('');
    expect(await stream.next()).toBe(ServingStatus.SERVING);
    health.shutdown();
    expect(await stream.next()).toBe(ServingStatus.NOT_SERVING);
    expect(await stream.next()).toBe('ended');
    const late = watchStatus('');
    expect(await late.next()).toBe(ServingStatus.NOT_SERVING);
    expect(await late.next()).toBe('ended');
  });

  test('a watcher that left is written to no more', async () => {
    const stream = watchStatus('');
    expect(await stream.next()).toBe(ServingStatus.NOT_SERVING);
    stream.cancel();
    await expect(stream.next()).rejects.toMatchObject({ code: status.CANCELLED });
    health.set('', true);
    expect(await checkStatus('')).toBe(ServingStatus.SERVING);
  });
});
