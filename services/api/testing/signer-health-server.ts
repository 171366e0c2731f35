import { createMtlsServerCredentials } from '@countersign/contract/grpc';
import { createHealthService, type HealthService } from '@countersign/contract/health-service';
import type { DevPki } from '@countersign/dev/pki';
import { Server } from '@grpc/grpc-js';

export interface SignerHealthServer {
  readonly address: string;
  readonly health: HealthService;
  stop(): void;
}

/** A gRPC server with the signer's certificate that answers health checks and nothing else. */
export async function startSignerHealthServer(pki: DevPki): Promise<SignerHealthServer> {
  const server = new Server();
  const health = createHealthService();
  health.addTo(server);
  const { certFile, keyFile } = pki.signer;
  const credentials = createMtlsServerCredentials({ ca: pki.apiCaFile, cert: certFile, key: keyFile });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
  });
  return { address: `127.0.0.1:${port}`, health, stop: () => server.forceShutdown() };
}
