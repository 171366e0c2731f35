import { listenWithMtls } from '@countersign/contract/grpc';
import { createHealthService, type HealthService } from '@countersign/contract/health-service';
import type { DevPki } from '@countersign/dev/pki';
import { Server } from '@grpc/grpc-js';

export interface SignerHealthServer {
  readonly address: string;
  readonly health: HealthService;
  stop(): Promise<void>;
}

/** A gRPC server with the signer's certificate that answers health checks and nothing else. */
export async function startSignerHealthServer(pki: DevPki): Promise<SignerHealthServer> {
  const server = new Server();
  const health = createHealthService();
  health.addTo(server);
  const tls = { caFile: pki.apiCaFile, certFile: pki.signer.certFile, keyFile: pki.signer.keyFile };
  const listener = await listenWithMtls(server, { host: '127.0.0.1', port: 0, tls, limits: { graceMs: 0 } });
  return { address: `127.0.0.1:${listener.port}`, health, stop: () => listener.close() };
}
