import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export interface ObservabilityOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly metrics: Registry;
  /** By name: each resolves when that part is ready, and rejects otherwise. Names are shown, errors are not. */
  readonly checks: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
  /** A check that takes longer has failed; 2 s by default. */
  readonly checkTimeoutMs?: number;
  /** Told of failed checks. */
  readonly onCheckFailed?: (name: string, error: unknown) => void;
}

export interface ObservabilityServer {
  /** http://host:port */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A read-only listener: `GET /metrics` (Prometheus), `/livez` (200 while it answers), `/readyz` (200, or 503 and what is missing). */
export async function startObservabilityServer(options: ObservabilityOptions): Promise<ObservabilityServer> {
  // Probes that come together share one look: a flood of them asks the database no more often than one of them.
  let looking: Promise<string[]> | undefined;
  const look = (): Promise<string[]> => {
    looking ??= failedChecks(options).finally(() => {
      looking = undefined;
    });
    return looking;
  };
  const server = createServer(
    { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 },
    (request, response) => {
      answer(options, look, request, response).catch(() => response.destroy());
    },
  );
  server.maxConnections = 64;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('observability: not listening on a port');
  return {
    url: `http://${options.host}:${address.port}`,
    port: address.port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  options: ObservabilityOptions,
  look: () => Promise<readonly string[]>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, 405, 'text/plain', 'only GET\n', { Allow: 'GET, HEAD' });
  }
  switch (request.url?.split('?', 1)[0]) {
    case '/livez':
      return send(response, 200, 'text/plain', 'ok\n');
    case '/readyz': {
      const failed = await look();
      return send(response, failed.length === 0 ? 200 : 503, 'application/json', readiness(failed));
    }
    case '/metrics':
      return send(response, 200, options.metrics.contentType, await options.metrics.metrics());
    default:
      return send(response, 404, 'text/plain', 'not found\n');
  }
}

const readiness = (failed: readonly string[]) => `${JSON.stringify({ ready: failed.length === 0, failed })}\n`;

function send(response: ServerResponse, status: number, type: string, body: string, headers = {}): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store', ...headers }).end(body);
}

async function failedChecks({ checks, checkTimeoutMs = 2_000, onCheckFailed }: ObservabilityOptions) {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const signal = AbortSignal.timeout(checkTimeoutMs);
      try {
        await Promise.race([check(signal), rejectOn(signal)]);
        return undefined;
      } catch (error) {
        onCheckFailed?.(name, error);
        return name;
      }
    }),
  );
  return results.filter((name) => name !== undefined);
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
