import { create } from '@bufbuild/protobuf';
import {
  listenWithMtls,
  MAX_REQUEST_BYTES,
  type PeerConnection,
  strictServiceDefinition,
} from '@countersign/contract/grpc';
import type { HealthService } from '@countersign/contract/health-service';
import { PeerError } from '@countersign/contract/peer';
import {
  type GetKeyRequest,
  type GetKeyResponse,
  GetKeyResponseSchema,
  ListKeysResponseSchema,
  SignerService,
  type SignTransactionRequest,
  type SignTransactionResponse,
} from '@countersign/contract/signer';
import { Server } from '@grpc/grpc-js';
import type { SignerConfig } from '../config/config.ts';
import type { SignerContext } from '../context.ts';
import { peerIn } from '../signing/authenticate.ts';
import { countersign } from '../signing/countersign.ts';
import { type Caller, type CallKind, createCallGate } from './call-gate.ts';
import { createCallGuard } from './call-guard.ts';
import { createDenialBudget } from './denial-budget.ts';
import { startDenialSummaries } from './denial-summaries.ts';
import { readCall } from './read-call.ts';
import { type Served, serve } from './serve.ts';
import { getKey, listKeys } from './show-keys.ts';

const SIGN = `/${SignerService.typeName}/${SignerService.method.signTransaction.name}`;
const WATCH = '/grpc.health.v1.Health/Watch';

export interface Wall {
  readonly port: number;
  /** Takes no new calls, finishes those in flight. */
  close(): Promise<void>;
}

/** The one listener that callers reach: SignerService and the standard health service over mTLS 1.3. */
export async function startWall(config: SignerConfig, context: SignerContext, health: HealthService): Promise<Wall> {
  const { log, metrics, store, clock } = context;
  const denials = createDenialBudget(config.wall.denials);
  const guard = createCallGuard({
    maxCallMs: 30_000,
    gate: createCallGate(config.wall.calls),
    connectionOf: (ends) => listener.connectionOf(ends),
    callerOf: (connection) => callerOf(context, connection),
    kindOf,
    onThrottled: ({ name, known }, reason) => {
      metrics.throttled.inc({ caller: known ? 'known' : 'unknown', reason });
      denials.count(name, 'THROTTLED', clock());
    },
    onUnfinished: ({ name }) => denials.count(name, 'NO_MESSAGE', clock()),
  });
  const server = new Server({
    'grpc.max_receive_message_length': MAX_REQUEST_BYTES,
    'grpc.max_concurrent_streams': config.wall.calls.maxInFlight,
    'grpc.max_connection_age_ms': config.wall.connectionAgeMs,
    'grpc.max_connection_age_grace_ms': 15_000,
    'grpc.max_connection_idle_ms': 5 * 60_000,
    'grpc.enable_channelz': 0, // nothing here serves what it would count
    // A peer that is gone without a word is noticed.
    'grpc.keepalive_time_ms': 60_000,
    'grpc.keepalive_timeout_ms': 10_000,
    interceptors: [guard.interceptor],
  });
  addSignerService(server, { context, guard, denials });
  health.addTo(server);
  const listener = await listenWithMtls(server, {
    host: config.host,
    port: config.port,
    tls: config.tls,
    onRefused: (reason, address) => {
      metrics.connectionsRefused.inc({ reason });
      denials.count('connections', reason.toUpperCase(), clock());
      log.debug({ reason, address }, 'connection refused');
    },
    onTlsFilesChanged: ({ ca }) => {
      metrics.tlsReloads.inc({ outcome: 'succeeded' });
      log.warn({ ca }, 'certificate files changed; in force for new connections');
    },
    onTlsFilesRefused: (err) => {
      metrics.tlsReloads.inc({ outcome: 'refused' });
      log.error({ err }, 'certificate files refused; those before them stay in force');
    },
  });
  // So that the first one counts as an increase.
  metrics.tlsReloads.inc({ outcome: 'refused' }, 0);
  const summaries = startDenialSummaries({ budget: denials, store, clock, log });
  return {
    port: listener.port,
    close: async () => {
      await listener.close();
      await summaries.close();
    },
  };
}

function addSignerService(server: Server, served: Served): void {
  const { context } = served;
  server.addService(strictServiceDefinition(SignerService), {
    signTransaction: serve<SignTransactionRequest, SignTransactionResponse>(
      served,
      'SignTransaction',
      (call, request) => countersign(context, call, request),
    ),
    listKeys: serve(served, 'ListKeys', (call) => {
      const about = { name: 'ListKeys', requestParameters: {} } as const;
      return readCall(context, call, about, (caller) =>
        create(ListKeysResponseSchema, { keys: listKeys(context, caller) }),
      );
    }),
    getKey: serve<GetKeyRequest, GetKeyResponse>(served, 'GetKey', (call, { keyId }) => {
      const about = { name: 'GetKey', requestParameters: { keyId } } as const;
      return readCall(context, call, about, (caller) =>
        create(GetKeyResponseSchema, { key: getKey(context, caller, keyId) }),
      );
    }),
  });
}

function kindOf(path: string): CallKind {
  if (path === SIGN) return 'sign';
  return path === WATCH ? 'watch' : 'read';
}

function callerOf({ policy }: SignerContext, { address, certificate }: PeerConnection): Caller {
  const peer = peerIn(certificate);
  if (peer instanceof PeerError) return { name: address, known: false };
  const known = [...policy.inForce().policy.keys.values()].some(({ callers }) => callers.has(peer.spiffeId));
  return { name: peer.spiffeId, known };
}
