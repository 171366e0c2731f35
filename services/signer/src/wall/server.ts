import { create } from '@bufbuild/protobuf';
import { createMtlsServerCredentials, serviceDefinition, unaryHandler } from '@countersign/contract/grpc';
import type { HealthService } from '@countersign/contract/health-service';
import { GetKeyResponseSchema, ListKeysResponseSchema, SignerService } from '@countersign/contract/signer';
import { Server, type ServerUnaryCall } from '@grpc/grpc-js';
import type { SignerConfig } from '../config/config.ts';
import type { Call, SignerContext } from '../context.ts';
import { countersign } from '../signing/countersign.ts';
import { readCall } from './read-call.ts';
import { getKey, listKeys } from './show-keys.ts';

// 100 operations of Stellar are below 20 KiB, and 99 declared payouts below 50 KiB.
const MAX_MESSAGE_BYTES = 256 * 1024;

const SHUTDOWN_GRACE_MS = 15_000;

export interface Wall {
  readonly port: number;
  /** Takes no new calls, finishes those in flight. */
  close(): Promise<void>;
}

/** The one listener that callers reach: SignerService and the standard health service over mTLS 1.3. */
export async function startWall(config: SignerConfig, context: SignerContext, health: HealthService): Promise<Wall> {
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    // A connection outlives the removal of its CA by no more than this.
    'grpc.max_connection_age_ms': 15 * 60 * 1000,
    'grpc.max_connection_age_grace_ms': 30 * 1000,
  });
  const onUnknown = (err: unknown) => context.log.error({ err }, 'call failed');
  server.addService(serviceDefinition(SignerService), {
    signTransaction: unaryHandler((request, call) => countersign(context, callOf(call), request), onUnknown),
    listKeys: unaryHandler((_request, call) => {
      const about = { name: 'ListKeys', requestParameters: {} } as const;
      return readCall(context, callOf(call), about, (caller) =>
        create(ListKeysResponseSchema, { keys: listKeys(context, caller) }),
      );
    }, onUnknown),
    getKey: unaryHandler(({ keyId }, call) => {
      const about = { name: 'GetKey', requestParameters: { keyId } } as const;
      return readCall(context, callOf(call), about, (caller) =>
        create(GetKeyResponseSchema, { key: getKey(context, caller, keyId) }),
      );
    }, onUnknown),
  });
  health.addTo(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${config.host}:${config.port}`, createMtlsServerCredentials(config.tls), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        const impatience = setTimeout(() => server.forceShutdown(), SHUTDOWN_GRACE_MS);
        server.tryShutdown(() => {
          clearTimeout(impatience);
          resolve();
        });
      }),
  };
}

function callOf<Request, Response>(call: ServerUnaryCall<Request, Response>): Call {
  const [userAgent] = call.metadata.get('user-agent');
  return {
    certificate: call.getAuthContext().sslPeerCertificate?.raw,
    peer: call.getPeer(),
    userAgent: String(userAgent ?? 'unknown'),
  };
}
